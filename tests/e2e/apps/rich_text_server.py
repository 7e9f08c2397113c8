"""Serves rich_text_demo.py behind the headers of the real app: what the browser would refuse there is refused here.

And, at /files/12, the stored image of one of its texts.
"""

import io
import sys
from pathlib import Path

import streamlit as st
from PIL import Image
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

sys.path.insert(0, str(Path(__file__).parents[3]))

from lib.ui.headers import SecurityHeaders


async def stored_image(_request: Request) -> Response:
    """A red picture of 200 by 100."""
    file = io.BytesIO()
    Image.new("RGB", (200, 100), "red").save(file, "PNG")
    return Response(file.getvalue(), media_type="image/png", headers={"Content-Disposition": "attachment"})


app = st.App(
    Path(__file__).with_name("rich_text_demo.py"),
    routes=[Route("/files/12", stored_image)],
    middleware=[Middleware(SecurityHeaders, https=False)],
)

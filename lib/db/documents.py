"""Documents' rows and what they are linked to; `document` rows and blobs are joined by the sha256."""

from __future__ import annotations

from sqlalchemy import Connection


class SqlDocuments:
    """Fulfils `lib.domain.store.Documents`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

"""Alembic's entrance: runs on the connection that ``storage.schema`` hands over."""

from alembic import context

from storage import tables  # noqa: F401  # fills the registry
from storage.columns import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transaction_per_migration=False,
    transactional_ddl=False,
    include_object=context.config.attributes["include_object"],
)
context.run_migrations()

"""Print the addresses of a PostgreSQL and a Redis that answer here, or `none` for each."""

from __future__ import annotations

import os

import psycopg
import redis

DATABASES = (
    "postgresql://postgres@127.0.0.1:5432/postgres",
    "postgresql://root:test@127.0.0.1:5432/postgres",
)
BROKERS = ("redis://127.0.0.1:6379/9",)
OLDEST_VERSION = 150_000


def database() -> str:
    """Return the first database server that is new enough and lets us make databases."""
    for url in filter(None, (os.environ.get("CI_DATABASE_URL"), *DATABASES)):
        try:
            with psycopg.connect(url, connect_timeout=3) as connection:
                row = connection.execute(
                    "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
                ).fetchone()
                if row and row[0] and connection.info.server_version >= OLDEST_VERSION:
                    return url
        except psycopg.Error:
            continue
    return "none"


def broker() -> str:
    """Return the first broker that answers."""
    for url in filter(None, (os.environ.get("CI_BROKER_URL"), *BROKERS)):
        try:
            redis.Redis.from_url(url, socket_connect_timeout=3).ping()
        except redis.RedisError:
            continue
        return url
    return "none"


if __name__ == "__main__":
    print(database(), broker())

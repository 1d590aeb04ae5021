"""Where the studio listens: by default to this machine only."""

from __future__ import annotations

import socket

from sparsedff.errors import ConfigError

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 8080


def check_address(host: str, port: int) -> None:
    """Refuse an address that nobody can listen on: viser would wait for ever.

    Raises:
        ConfigError: host is no address of this machine, or port no port.
    """
    if not 1 <= port <= 65535:
        raise ConfigError(f"--port: {port} is no port; it must be 1 to 65535")
    try:
        socket.create_server((host, 0)).close()  # any port: a taken one only means the next
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError(f"--host: cannot listen on {host} ({reason}); leave it out for this machine only") from None

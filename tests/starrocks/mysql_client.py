"""One connection to the MySQL port.

What belongs here: logging in, reading commands, sending answers. What does not: the port, threads
and faults.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from mysql_mimic import packets, types
from mysql_mimic.auth import IdentityProvider, NativePasswordAuthPlugin, User
from mysql_mimic.connection import Connection
from mysql_mimic.control import LocalControl
from mysql_mimic.session import BaseSession
from mysql_mimic.stream import MysqlStream
from mysql_mimic.variables import GlobalVariables, SessionVariables

from tests.starrocks.refusals import StarRocksRefusalError, wrong_password
from tests.starrocks.session import Answer, Session
from tests.starrocks.wire import WireRows, error_packet, wire_rows

_ROWS_AT_ONCE = 10_000
_PLUGIN = NativePasswordAuthPlugin()


@dataclass(frozen=True)
class Account:
    """A user of the cluster.

    Attributes:
        password: Its password.
        read_only: Whether it may only read.
    """

    password: str
    read_only: bool = False


class CutError(Exception):
    """The connection is to be cut without an answer."""


class Runs(Protocol):
    """What runs the statements of clients."""

    accounts: Mapping[str, Account]

    async def run(self, client: "Client", text: str) -> Answer:
        """Runs one statement."""
        ...


class _Handshake(BaseSession):
    """What the library wants to know of a session while a client logs in."""

    def __init__(self) -> None:
        self.variables = SessionVariables(GlobalVariables())
        self.username: str | None = None
        self.database: str | None = None


class Client(Connection):
    """One connection: the library's handshake and packets, our order of things."""

    starrocks: Session

    def __init__(self, server: Runs, stream: MysqlStream, control: LocalControl) -> None:
        super().__init__(stream, _Handshake(), control, IdentityProvider())
        self._owner = server

    def cut(self) -> None:
        """Ends the connection without a word."""
        self.stream.writer.transport.abort()

    async def serve(self) -> None:
        """Logs the client in and answers it until it goes."""
        try:
            await self.connection_phase()
        except StarRocksRefusalError as error:
            await self.stream.write(error_packet(error))
            return
        while True:
            data = await self.stream.read()
            if data[0] == types.Commands.COM_QUIT:
                return
            try:
                await self._answer(data[0], data[1:])
            except StarRocksRefusalError as error:
                await self.stream.write(error_packet(error))
            except CutError:
                self.cut()
                raise
            finally:
                self.stream.reset_seq()

    async def authenticate(self, *, username: str, auth_response: bytes, **_: object) -> None:
        """Checks the password, then the database, as the cluster does."""
        assert self.handshake_auth_data is not None
        nonce = self.handshake_auth_data.rstrip(b"\0")
        account = self._account(username, auth_response, nonce)
        self.starrocks.user = username
        self.starrocks.read_only = account.read_only
        if self.session.database:
            self.starrocks.use(self.session.database)
        await self.stream.write(self.ok())

    def _account(self, user: str, scramble: bytes, nonce: bytes) -> Account:
        account = self._owner.accounts.get(user)
        if account is None:
            raise wrong_password(user)
        expected = User(user, _PLUGIN.create_auth_string(account.password))
        if not _PLUGIN.password_matches(expected, scramble, nonce):
            raise wrong_password(user)
        return account

    async def _answer(self, command: int, data: bytes) -> None:
        if command == types.Commands.COM_PING:
            await self.stream.write(self.ok())
        elif command == types.Commands.COM_INIT_DB:
            self.starrocks.use(data.decode())
            await self.stream.write(self.ok())
        elif command == types.Commands.COM_QUERY:
            await self._answer_query(data)
        else:
            raise StarRocksRefusalError(1047, "Unknown command")

    async def _answer_query(self, data: bytes) -> None:
        query = packets.parse_com_query(
            capabilities=self.capabilities, client_charset=self.client_charset, data=data
        )
        answer = await self._owner.run(self, query.sql)
        if answer.columns is not None:
            await self._send_rows(wire_rows(answer))
            return
        done = self.ok(affected_rows=answer.affected)
        await self.stream.write(done + answer.info.encode())

    async def _send_rows(self, answer: WireRows) -> None:
        """The library's own way, but with columns that say what StarRocks's say."""
        count = packets.make_column_count(self.capabilities, len(answer.columns))
        self.stream.write_many([count, *answer.definitions])
        if not self.deprecate_eof():
            self.stream.write_many([self.eof()])
        for start in range(0, len(answer.rows), _ROWS_AT_ONCE):
            self.stream.write_text_rows(answer.rows[start : start + _ROWS_AT_ONCE], answer.columns)
            await self.stream.drain()
        await self.stream.write(self.ok_or_eof())

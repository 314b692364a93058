"""The frontend's MySQL port: one DuckDB connection a session, every statement in a thread.

What belongs here: sockets, logging in, when a fault hits, the order of packets. What does not:
what statements do.
"""

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from mysql_mimic import packets, types
from mysql_mimic.auth import IdentityProvider, NativePasswordAuthPlugin, User
from mysql_mimic.connection import Connection
from mysql_mimic.control import LocalControl
from mysql_mimic.session import BaseSession
from mysql_mimic.stream import ConnectionClosed, MysqlStream
from mysql_mimic.variables import GlobalVariables, SessionVariables

from tests.starrocks.faults import Fault, Faults
from tests.starrocks.refusals import StarRocksRefusalError, wrong_password
from tests.starrocks.session import Answer, Session
from tests.starrocks.statements import run_statement
from tests.starrocks.wire import WireRows, error_packet, wire_rows

_MOST_SESSIONS = 16
_ROWS_AT_ONCE = 10_000
_GONE = (ConnectionClosed, ConnectionError, asyncio.IncompleteReadError)
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


@dataclass(frozen=True)
class Recorded:
    """A statement the cluster got.

    Attributes:
        text: As it came, comments included.
        user: Whose.
        session: The number of its connection.
        label: The label of the load it was; None where it was none.
        code: The error it got; None where it got none.
        affected: The rows it changed, as the cluster says.
    """

    text: str
    user: str
    session: int
    label: str | None = None
    code: int | None = None
    affected: int = 0


class Cut(Exception):  # noqa: N818  no error: the connection ends here
    """The connection is to be cut without an answer."""


class MysqlServer:
    """Serves sessions on a port of 127.0.0.1 from a thread of its own.

    Attributes:
        port: The port.
    """

    def __init__(
        self,
        new_session: Callable[[int], Session],
        accounts: Mapping[str, Account],
        faults: Faults,
        record: Callable[[Recorded], None],
    ) -> None:
        self._new_session = new_session
        self._accounts = accounts
        self._faults = faults
        self._record = record
        self._loop = asyncio.new_event_loop()
        self._pool = ThreadPoolExecutor(_MOST_SESSIONS, thread_name_prefix="starrocks-statement")
        self._thread = threading.Thread(target=self._loop.run_forever, name="starrocks-mysql")
        self._control = LocalControl(server_id=1)
        self._clients: dict[asyncio.Task[None], _Client] = {}
        self._server: asyncio.Server | None = None
        self._closed: socket.socket | None = None
        self.port = 0

    def start(self) -> None:
        """Opens the port."""
        self._thread.start()
        self._call(self._open(0))
        self._faults.close_port = lambda: self._call(self._close())
        self._faults.open_port = lambda: self._call(self._open(self.port))
        self._faults.cut_all = lambda: self._call(self._cut_all())

    def stop(self) -> None:
        """Ends every session and the thread."""
        self._faults.stop()
        self._call(self._end())
        self._pool.shutdown()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _call(self, coroutine: Coroutine[object, object, None]) -> None:
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    async def _open(self, port: int) -> None:
        if self._server is not None:
            return
        if self._closed is not None:
            self._server = await asyncio.start_server(self._connected, sock=self._closed)
            self._closed = None
            return
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        """Leaves the port bound but not listened to: connections are refused, nobody takes it."""
        if self._server is None:
            return
        self._server.close()
        self._server = None
        self._closed = socket.socket()
        self._closed.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._closed.bind(("127.0.0.1", self.port))

    async def _cut_all(self) -> None:
        for client in self._clients.values():
            client.cut()
        await asyncio.sleep(0)

    async def _end(self) -> None:
        if self._server is not None:
            self._server.close()
        if self._closed is not None:
            self._closed.close()
        for client in self._clients.values():
            client.cut()
            client.starrocks.interrupt()
        while self._clients:
            await asyncio.wait(list(self._clients))

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        client = _Client(self, MysqlStream(reader, writer), self._control)
        client.connection_id = await self._control.add(client)
        client.starrocks = self._new_session(client.connection_id)
        self._clients[task] = client
        try:
            with suppress(*_GONE, Cut):
                await client.serve()
        finally:
            writer.close()
            with suppress(*_GONE):
                await writer.wait_closed()
            await self._control.remove(client.connection_id)
            await self._loop.run_in_executor(self._pool, client.starrocks.close)
            del self._clients[task]

    def account(self, user: str, scramble: bytes, nonce: bytes) -> Account:
        """The account, when the password fits.

        Raises:
            StarRocksRefusalError: There is no such user, or the password is another (1045).
        """
        account = self._accounts.get(user)
        if account is None:
            raise wrong_password(user)
        expected = User(user, _PLUGIN.create_auth_string(account.password))
        if not _PLUGIN.password_matches(expected, scramble, nonce):
            raise wrong_password(user)
        return account

    async def run(self, client: "_Client", text: str) -> Answer:
        """Runs a statement in a thread, with the faults it meets."""
        session = client.starrocks
        loop = asyncio.get_running_loop()
        timeout = loop.call_later(int(session.variables["query_timeout"]), session.interrupt)
        try:
            answer = await loop.run_in_executor(self._pool, self._run, client, text)
        except StarRocksRefusalError as error:
            self._record(self._recorded(session, text, code=error.code))
            raise
        except Cut:
            self._record(self._recorded(session, text))
            raise
        finally:
            timeout.cancel()
        self._record(self._recorded(session, text, affected=answer.affected))
        return answer

    def _recorded(self, session: Session, text: str, **told: int) -> Recorded:
        return Recorded(text, session.user, session.number, session.label, **told)

    def _run(self, client: "_Client", text: str) -> Answer:
        session = client.starrocks
        self._before(client, text)
        during = self._faults.met("during", text)
        session.middle = lambda: self._middle(client, during)
        answer = run_statement(session, text)
        if during is not None and not during.reached.is_set():
            self._middle(client, during)  # a statement without rows to make visible
        after = self._faults.met("after", text)
        if after is not None:
            after.wait()
            if after.drop:
                raise Cut
        if during is not None and during.drop:
            raise Cut
        return answer

    def _before(self, client: "_Client", text: str) -> None:
        while (fault := self._faults.met("before", text)) is not None:
            fault.wait()
            if fault.drop:
                client.starrocks.label = None
                raise Cut
            if fault.code:
                raise StarRocksRefusalError(fault.code, fault.text)

    def _middle(self, client: "_Client", fault: Fault | None) -> None:
        if fault is None or fault.reached.is_set():
            return
        if fault.drop:
            self._loop.call_soon_threadsafe(client.cut)
        fault.wait()
        if not fault.finish:
            raise StarRocksRefusalError(1064, "Transaction is cancelled: the frontend went away")


class _Handshake(BaseSession):
    """What the library wants to know of a session while a client logs in."""

    def __init__(self) -> None:
        self.variables = SessionVariables(GlobalVariables())
        self.username: str | None = None
        self.database: str | None = None


class _Client(Connection):
    """One connection: the library's handshake and packets, our order of things."""

    starrocks: Session

    def __init__(self, server: MysqlServer, stream: MysqlStream, control: LocalControl) -> None:
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
            except Cut:
                self.cut()
                raise
            finally:
                self.stream.reset_seq()

    async def authenticate(self, *, username: str, auth_response: bytes, **_: object) -> None:
        """Checks the password, then the database, as the cluster does."""
        assert self.handshake_auth_data is not None
        nonce = self.handshake_auth_data.rstrip(b"\0")
        account = self._owner.account(username, auth_response, nonce)
        self.starrocks.user = username
        self.starrocks.read_only = account.read_only
        if self.session.database:
            self.starrocks.use(self.session.database)
        await self.stream.write(self.ok())

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

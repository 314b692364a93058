"""The frontend's MySQL port: one DuckDB connection a session, every statement in a thread.

What belongs here: sockets, logging in, when a fault hits, the order of packets. What does not:
what statements do.
"""

import asyncio
import socket
import threading
import traceback
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from mysql_mimic.control import LocalControl
from mysql_mimic.stream import ConnectionClosed, MysqlStream

from tests.starrocks.faults import Fault, Faults
from tests.starrocks.mysql_client import Account, Client, CutError
from tests.starrocks.record import Record
from tests.starrocks.refusals import StarRocksRefusalError, SwapLostError
from tests.starrocks.session import Answer, Session
from tests.starrocks.statements import run_statement

_MOST_SESSIONS = 16
_GONE = (ConnectionClosed, ConnectionError, asyncio.IncompleteReadError)


class MysqlServer:
    """Serves sessions on a port of 127.0.0.1 from a thread of its own.

    Attributes:
        port: The port.
        accounts: Who may log in.
    """

    def __init__(
        self,
        new_session: Callable[[int], Session],
        accounts: Mapping[str, Account],
        faults: Faults,
        record: Record,
    ) -> None:
        self._new_session = new_session
        self.accounts = accounts
        self._faults = faults
        self._record = record
        self._loop = asyncio.new_event_loop()
        self._pool = ThreadPoolExecutor(_MOST_SESSIONS, thread_name_prefix="starrocks-statement")
        self._thread = threading.Thread(target=self._loop.run_forever, name="starrocks-mysql")
        self._control = LocalControl(server_id=1)
        self._clients: dict[asyncio.Task[None], Client] = {}
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
        client = Client(self, MysqlStream(reader, writer), self._control)
        client.connection_id = await self._control.add(client)
        client.starrocks = self._new_session(client.connection_id)
        self._clients[task] = client
        try:
            with suppress(*_GONE, CutError):
                await client.serve()
        finally:
            writer.close()
            with suppress(*_GONE):
                await writer.wait_closed()
            await self._control.remove(client.connection_id)
            await self._loop.run_in_executor(self._pool, client.starrocks.close)
            del self._clients[task]

    async def run(self, client: Client, text: str) -> Answer:
        """Runs a statement in a thread, with the faults it meets."""
        session = client.starrocks
        key = self._record.come(text, session.user, session.number)
        loop = asyncio.get_running_loop()
        timeout = loop.call_later(int(session.variables["query_timeout"]), session.interrupt)
        try:
            answer = await loop.run_in_executor(self._pool, self._run, client, text)
        except StarRocksRefusalError as error:
            self._record.done(key, label=session.label, code=error.code)
            raise
        except CutError:
            self._record.done(key, label=session.label)
            raise
        finally:
            timeout.cancel()
        self._record.done(key, label=session.label, affected=answer.affected)
        return answer

    def _run(self, client: Client, text: str) -> Answer:
        session = client.starrocks
        self._before(client, text)
        during = self._faults.met("during", text)
        session.middle = lambda: self._middle(client, during)
        try:
            answer = run_statement(session, text)
        except StarRocksRefusalError:
            raise
        except Exception as error:
            # Otherwise the client would see a lost connection and try again.
            told = "".join(traceback.format_exception(error))
            raise StarRocksRefusalError(1105, f"the stand-in failed: {told}") from error
        if during is not None and not during.reached.is_set():
            self._middle(client, during)  # a statement without rows to make visible
        after = self._faults.met("after", text)
        if after is not None:
            after.wait()
            if after.drop:
                raise CutError
        if during is not None and during.drop:
            raise CutError
        return answer

    def _before(self, client: Client, text: str) -> None:
        while (fault := self._faults.met("before", text)) is not None:
            fault.wait()
            if fault.drop:
                client.starrocks.label = None
                raise CutError
            if fault.code:
                raise StarRocksRefusalError(fault.code, fault.text)

    def _middle(self, client: Client, fault: Fault | None) -> None:
        if fault is None or fault.reached.is_set():
            return
        if fault.drop:
            self._loop.call_soon_threadsafe(client.cut)
        fault.wait()
        if not fault.swap:
            raise SwapLostError
        if not fault.finish:
            raise StarRocksRefusalError(1064, "Transaction is cancelled: the frontend went away")

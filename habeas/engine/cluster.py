"""A Spark session to compute on: started quietly, stopped cleanly, its errors in one sentence."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from habeas.core import errors
from habeas.core.errors import HabeasError, InvalidInput, Unavailable

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MASTER = re.compile(
    r"local(\[(\*|[1-9]\d*)(, *[1-9]\d*)?\])?|local-cluster\[ *[1-9]\d*, *[1-9]\d*, *[1-9]\d* *\]"
    r"|spark://[^:/,\s]+:\d+(,[^:/,\s]+:\d+)*|yarn|k8s://\S+"
)
NEEDED = ("pyspark", "pandas", "google.protobuf")
REFUSED = "habeas refused: "  # before the error that a worker met, as JSON on one line
JAVA = 17
WAIT = 5  # seconds in which a master must answer
STOPPING = 30  # seconds that a machine may take to stop
BATCH = 1 << 16  # rows of one Arrow batch between Spark and a worker
PARTS = "spark.sql.shuffle.partitions"
QUIET = "rootLogger.level = off\n"
SETTINGS = {
    "spark.app.name": "habeas",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.adaptive.enabled": "false",  # parts are cut by key, and stay as they are cut
    "spark.sql.caseSensitive": "true",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.execution.arrow.maxRecordsPerBatch": str(BATCH),
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.streaming.noDataMicroBatches.enabled": "false",  # time alone finds nothing
    "spark.sql.streaming.stateStore.providerClass": (
        "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider"
    ),
}


@contextmanager
def session(master: str) -> Iterator[SparkSession]:
    """A session on `master`, stopped with all it started and left; one that runs already is used
    and left running. Raises Unavailable or InvalidInput, also for what fails within."""
    check_needs(master)
    from pyspark.sql import SparkSession

    running = SparkSession.getActiveSession()
    if running is not None:
        with told():
            yield running
        return
    with tempfile.TemporaryDirectory(prefix="habeas-spark-", ignore_cleanup_errors=True) as room:
        spark = _started(master, Path(room))
        try:
            with told():
                yield spark
        finally:
            _stop(spark)


def check_needs(master: str) -> None:
    """Raises where pyspark, Java or the master is missing."""
    for name in NEEDED:
        if not _is_there(name):
            message = f"the engine spark needs the package {name}, which is not installed"
            raise Unavailable(message, "pip install 'habeas[spark]'")
    if not MASTER.fullmatch(master):
        hint = "write for example local[2], spark://host:7077, yarn or k8s://https://host:6443"
        raise InvalidInput(f"'{master}' is no master of Spark", hint)
    _check_java()
    if master.startswith("spark://"):
        _knock(master)


def _is_there(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:  # the package around it is missing
        return False


def _check_java() -> None:
    """Spark would say nothing that helps of a Java that is missing or too old."""
    home = os.environ.get("JAVA_HOME")
    java = shutil.which(str(Path(home) / "bin" / "java") if home else "java")
    hint = f"install Java {JAVA} or later, or let JAVA_HOME name its folder"
    if java is None:
        raise Unavailable("the engine spark needs Java, which was not found", hint)
    asked = [java, "-version"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603
    found = re.search(r'version "(\d+)', done.stderr)
    if found is None or int(found[1]) < JAVA:
        said = f"Java {found[1]}" if found else "no Java that works"
        raise Unavailable(f"the engine spark needs Java {JAVA}; '{java}' is {said}", hint)


def _knock(master: str) -> None:
    """Spark itself would try a dead master for a minute. One live master of several is enough."""
    reasons = []
    for place in master.removeprefix("spark://").split(","):
        host, _, port = place.rpartition(":")
        try:
            socket.create_connection((host, int(port)), timeout=WAIT).close()
        except (OSError, OverflowError) as error:
            reasons.append(getattr(error, "strerror", None) or str(error))
        else:
            return
    hint = "start it, or name another with --master; local[*] needs none"
    raise Unavailable(f"the master '{master}' does not answer: {reasons[0]}", hint)


def _started(master: str, room: Path) -> SparkSession:
    from pyspark import SparkConf, SparkContext
    from pyspark.errors import PySparkException
    from pyspark.java_gateway import launch_gateway
    from pyspark.sql import SparkSession

    (room / "log4j2.properties").write_text(QUIET, encoding="utf-8")
    conf = SparkConf().setMaster(master).setAll(list(_settings(master, room).items()))
    if master.startswith("local"):
        # What listens, listens to this machine only. Workers are of this Python, and not of the
        # first on the path; pyspark reads that from here and not from its settings.
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    launch: Any = launch_gateway  # which has no types
    said = room / "said"  # what Java would write over the terminal
    try:
        with said.open("wb") as out:
            gateway = launch(conf, {"stdout": out, "stderr": out})
        # a context that fails to start leaves no session behind, but the machine that it ran on
        context = SparkContext(gateway=gateway, conf=conf)
        spark = SparkSession(context)
        if not context.getConf().contains(PARTS):  # 200 would be many for a stream's states
            spark.conf.set(PARTS, str(context.defaultParallelism))
        return spark
    except Exception as error:
        _end_machine()
        reason = _first_error(said.read_text("utf-8", "replace"))
        if not isinstance(error, PySparkException):
            reason = reason or _first_error(str(error))
        hint = f"see that Java is {JAVA} or later, and that --master names a Spark like ours"
        raise Unavailable(f"Spark did not start on '{master}'{reason}", hint) from None


def _settings(master: str, room: Path) -> dict[str, str]:
    log = f"-Dlog4j2.configurationFile={(room / 'log4j2.properties').as_uri()}"
    found = SETTINGS | {
        "spark.driver.extraJavaOptions": log,
        "spark.sql.warehouse.dir": (room / "warehouse").as_uri(),
    }
    if master.startswith("local"):
        found["spark.local.dir"] = str(room)
        found["spark.driver.host"] = found["spark.driver.bindAddress"] = "127.0.0.1"
        found["spark.executor.extraJavaOptions"] = log
    return found


def _first_error(text: str) -> str:
    """`: reason`, from the first line that names one."""
    found = re.search(r"(?:Exception|Error)(?: in thread \S+)?: *(.+)", text)
    return f": {found[1].strip()}" if found else ""


def _stop(spark: SparkSession) -> None:
    """Stop the session, its Java machine, and remove what a local cluster leaves behind."""
    from pyspark.find_spark_home import _find_spark_home

    with suppress(Exception):  # of a machine that has ended already
        left = Path(_find_spark_home()) / "work" / str(spark.sparkContext.applicationId)
        spark.stop()
        shutil.rmtree(left, ignore_errors=True)
    _end_machine()


def _end_machine() -> None:
    """pyspark keeps its Java machine until Python ends; a next session shall start afresh."""
    from pyspark import SparkContext

    gateway: Any = SparkContext._gateway
    SparkContext._gateway = SparkContext._jvm = None
    if gateway is None:
        return
    with suppress(Exception):
        gateway.shutdown()
    process = getattr(gateway, "proc", None)
    if process is not None:
        process.stdin.close()  # the machine ends when its input does
        process.wait(STOPPING)


@contextmanager
def told() -> Iterator[None]:
    """What a worker refused is raised here as it was there; the rest in one sentence."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError, ConnectionError, EOFError) as error:
        raise translated(error) from None


def translated(error: Exception) -> HabeasError:
    from py4j.protocol import Py4JError

    cut_off = isinstance(error, Py4JError) and not hasattr(error, "java_exception")
    if cut_off or isinstance(error, ConnectionError | EOFError):
        hint = "what was found may be too much for its memory: raise spark.driver.memory"
        return Unavailable("Spark ended before the work did", f"{hint}, see docs/spark.md")
    text = str(getattr(error, "java_exception", error))
    refused = re.search(f"{REFUSED}(.+)", text)
    if refused:
        said = json.loads(refused[1])
        kind: type[HabeasError] = getattr(errors, said["error"])
        return kind(said["message"], said["hint"])
    if "FAILED_READ_FILE" in text or "CANNOT_READ_FILE" in text:
        return InvalidInput("Spark cannot read the events file", "make it with `habeas import`")
    lines = text.strip().splitlines() or [type(error).__name__]
    # the last line of a traceback in a worker, the first of anything else
    ends = [line for line in lines if re.match(r"[\w.]+(Error|Exception): ", line)]
    reason = ends[0] if ends and "Traceback" in text else lines[0]
    return Unavailable(
        f"Spark could not finish: {reason}", "see docs/spark.md, or use --engine fast"
    )


@contextmanager
def refusing() -> Iterator[None]:
    """In a worker: an error of ours crosses Java as one line that `translated` reads back."""
    try:
        yield
    except HabeasError as error:
        raise RuntimeError(f"{REFUSED}{json.dumps(error.as_json())}") from None

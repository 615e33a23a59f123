"""Child processes that live and stop together."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path
from threading import Event, Timer

import pytest

from guichet.socle.demarrage import RACINE, DemarrageImpossible
from guichet.socle.equipe import ArretDemande, Equipe, Processus

SLEEP = "import time; print('prêt', flush=True); time.sleep(60)"
DEAF = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])
print(child.pid, flush=True)
time.sleep(60)
"""


def process(tmp_path: Path, name: str, code: str) -> Processus:
    return Processus(name, [sys.executable, "-c", code], tmp_path / f"{name}.log")


def is_alive(pid: int) -> bool:
    """A killed orphan may stay a zombie until the system's first process buries it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def until(condition: object, seconds: float = 10) -> bool:
    limit = time.monotonic() + seconds
    while not condition() and time.monotonic() < limit:
        time.sleep(0.05)
    return condition()


@pytest.fixture
def equipe() -> Generator[Equipe]:
    equipe = Equipe(Event())
    yield equipe
    equipe.arreter()


def test_a_dead_process_is_named_with_the_end_of_its_log(tmp_path: Path, equipe: Equipe) -> None:
    equipe.lancer(process(tmp_path, "web", SLEEP))
    lines = "print(*range(100), sep=chr(10)); raise SystemExit(3)"
    equipe.lancer(process(tmp_path, "worker", lines))

    with pytest.raises(DemarrageImpossible) as failure:
        equipe.attendre(lambda: False, delai=20)

    sentence, *tail = str(failure.value).splitlines()
    assert sentence.startswith("le processus « worker » s'est arrêté (code 3).")
    assert tail == [str(n) for n in range(80, 100)]


def test_stopping_leaves_no_orphan(tmp_path: Path, equipe: Equipe) -> None:
    deaf = process(tmp_path, "sourd", DEAF)
    equipe.lancer(deaf)
    assert until(deaf.fin_du_journal)
    grandchild = int(deaf.fin_du_journal())
    assert is_alive(grandchild)

    deaf.arreter(delai=0.5)

    assert deaf.code == -signal.SIGKILL
    assert until(lambda: not is_alive(grandchild))


def test_waiting_ends_when_asked_to_stop(tmp_path: Path) -> None:
    stop = Event()
    equipe = Equipe(stop)
    sleeper = process(tmp_path, "web", SLEEP)
    equipe.lancer(sleeper)
    Timer(0.3, stop.set).start()

    with pytest.raises(ArretDemande):
        equipe.attendre(lambda: False, delai=20)
    equipe.arreter()

    assert sleeper.code == -signal.SIGTERM


def test_a_condition_that_never_holds_is_given_up(equipe: Equipe) -> None:
    assert not equipe.attendre(lambda: False, delai=0.2)


def test_a_failed_step_shows_why(tmp_path: Path, equipe: Equipe) -> None:
    step = process(tmp_path, "préparation", "raise SystemExit('table absente')")

    with pytest.raises(DemarrageImpossible, match=r"« préparation » a échoué\.\ntable absente"):
        equipe.executer(step)


def test_a_finished_step_is_not_a_dead_process(tmp_path: Path, equipe: Equipe) -> None:
    equipe.executer(process(tmp_path, "préparation", "pass"))

    equipe.verifier()


def test_a_watched_part_that_stops_is_named(equipe: Equipe) -> None:
    equipe.surveiller("base de données", lambda: False)

    with pytest.raises(DemarrageImpossible, match="« base de données » s'est arrêtée"):
        equipe.attendre(lambda: False, delai=5)


def test_the_log_before_is_kept(tmp_path: Path, equipe: Equipe) -> None:
    equipe.executer(process(tmp_path, "web", "print('hier')"))
    equipe.executer(process(tmp_path, "web", "print('aujourd hui')"))

    assert (tmp_path / "web.precedent.log").read_text() == "hier\n"
    assert (tmp_path / "web.log").read_text() == "aujourd hui\n"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_children_follow_a_parent_that_is_killed(tmp_path: Path) -> None:
    parent = f"""
import os, sys, time
from pathlib import Path
from guichet.socle.equipe import Processus
code = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
enfant = Processus("web", [sys.executable, "-c", code], Path({str(tmp_path)!r}) / "web.log")
enfant.lancer()
while not enfant.fin_du_journal():
    time.sleep(0.05)
os.kill(os.getpid(), 9)
"""
    done = subprocess.run([sys.executable, "-c", parent], cwd=RACINE, timeout=30)

    assert done.returncode == -signal.SIGKILL
    child = int((tmp_path / "web.log").read_text())
    assert child != os.getpid()
    assert until(lambda: not is_alive(child))

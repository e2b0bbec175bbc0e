"""Eight clients that pull what they like, as fast as they can, and look at every byte."""

import threading

from harness.client import Broken

CLIENTS = 8
SIZES = (1, 1000, 65_536, 65_537, 300_000, 1_000_000, 3_000_000, 6_000_000)


class Load:
    """Clients of a subject, until they are told to stop or the subject is gone.

    `refused` is what they did not get: nothing, as long as the subject and its disk are well.
    """

    def __init__(self, subject, upstream, digests, random):
        self.subject = subject
        self.upstream = upstream
        self.digests = digests
        self.hits = set()
        self.wrong = []
        self.refused = []
        self.whole = 0
        self._over = threading.Event()
        seeds = [random.random() for _ in range(CLIENTS)]
        self._clients = [threading.Thread(target=self._pull, args=(type(random)(seed),)) for seed in seeds]

    def __enter__(self):
        for client in self._clients:
            client.start()
        return self

    def __exit__(self, *failure):
        self._over.set()
        for client in self._clients:
            client.join()

    def _pull(self, random):
        while not self._over.is_set():
            digest = random.choice(self.digests)
            try:
                answer = self.subject.blob(digest)
            except Broken as e:
                if self.subject.has_ended():
                    return
                self.refused.append(str(e))
                continue
            if answer.status == 200:
                self._note(digest, answer)
            else:
                self.refused.append(f"{digest}: {answer.status} {answer.body[:200]}")

    def _note(self, digest, answer):
        self.whole += 1
        if answer.body != self.upstream.blobs[digest]:
            self.wrong.append(f"{digest} came as {answer.digest}")
        if "; hit" in answer.headers["Cache-Status"]:
            self.hits.add(digest)

"""F19: a storage folder that another process holds."""

from harness.checks import check, expect, expect_equal
from harness.upstream import Upstream
from harness.waiting import wait_until
from subject import Subject


@check
def second_process_on_the_same_folder_is_turned_away(run):
    upstream = run.closing(Upstream())
    first = Subject(run, upstream).start()
    digest = upstream.new_blob(300_000)
    expect_equal("a blob", digest, first.blob(digest).digest)
    first.await_idle()

    second = Subject(run, upstream, data=first.data, name="second")
    second.launch()
    wait_until(60, "the end of the second", second.has_ended)
    expect(second.exit_status != 0, "the second ended well")
    expect("another Entrepot is using the folder" in second.log(), f"the second says {second.last_words()}")
    upstream.refuses = True
    expect_equal("the blob of the first afterwards", digest, first.blob(digest).digest)
    expect_equal("health of the first", {}, first.health())
    upstream.refuses = False

    first.kill()
    second.start()
    expect_equal("the blob of the second", digest, second.blob(digest).digest)
    expect_equal("GETs of the upstream", 1, upstream.gets(digest))

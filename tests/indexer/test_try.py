import time
import pytest
from indexer import fsck
from tests.indexer import kept


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["one-validator", "four-validators", "varied"])
def test_x(stored, name):
    a = time.time()
    chain = stored(name)
    b = time.time()
    f = [str(x) for x in fsck.check(chain)]
    print(name, "restore", b - a, "fsck", time.time() - b, f)

import threading, time
import pytest
from pathlib import Path
from devnet.recorded import RecordedNode, RecordedServer
from devnet.recording import load
from indexer import sync, fsck
from indexer.node.pool import NodePool
from indexer.sync import Options
R = Path(__file__).parent.parent/"recordings"

@pytest.mark.django_db
@pytest.mark.parametrize("name", ["one-validator","four-validators"])
def test_x(name):
    with RecordedServer(RecordedNode(load(R/name))) as server:
        t=threading.Thread(target=server.serve_forever,args=(0.02,),daemon=True);t.start()
        a=time.time()
        pool=NodePool([server.url])
        chain=sync.chain_of(pool,None)
        print(sync.sync(chain,pool,options=Options(processes=1)))
        b=time.time()
        print("sync",b-a)
        print(list(fsck.check(chain)))
        print("fsck",time.time()-b)
        from indexer import trust
        for u in trust.unproved(chain): print(u)
        pool.close()
        server.shutdown()

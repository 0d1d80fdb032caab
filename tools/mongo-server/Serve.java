import de.bwaldvogel.mongo.MongoBackend;
import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.QueryResult;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import de.bwaldvogel.mongo.backend.memory.MemoryCollection;
import de.bwaldvogel.mongo.backend.memory.MemoryDatabase;
import de.bwaldvogel.mongo.bson.Document;
import java.util.List;

/** A MongoDB server for tests on a port of this machine: `Serve PORT [FILE]`; 0 is any free port, a file keeps the data. Ends when its input does. */
public final class Serve {
    /** The driver refuses a lower wire version. */
    private static final MongoVersion VERSION = new MongoVersion() {
        @Override
        public List<Integer> getVersionArray() {
            return List.of(6, 0, 0);
        }

        @Override
        public int getWireVersion() {
            return 17;
        }
    };

    /** In memory; what names an `_id` and more is found by the `_id`, as every MongoDB does it, and not by looking at all documents. */
    private static final class QuickBackend extends MemoryBackend {
        @Override
        public MemoryDatabase openOrCreateDatabase(String name) {
            return new QuickDatabase(name, getCursorRegistry());
        }
    }

    private static final class QuickDatabase extends MemoryDatabase {
        QuickDatabase(String name, CursorRegistry cursors) {
            super(name, cursors);
        }

        @Override
        protected MemoryCollection openOrCreateCollection(String name, CollectionOptions options) {
            return new QuickCollection(this, name, options, cursorRegistry);
        }
    }

    private static final class QuickCollection extends MemoryCollection {
        QuickCollection(MongoDatabase database, String name, CollectionOptions options, CursorRegistry cursors) {
            super(database, name, options, cursors);
        }

        @Override
        protected synchronized QueryResult queryDocuments(Document query, Document orderBy, int skip, int limit, int batchSize, Document fields) {
            Object id = query.get("_id");
            Document byId = new Document("_id", id);
            if (id != null && query.size() > 1) {
                for (Index<Integer> index : getIndexes()) {
                    // The whole query is held against what is found.
                    if (index.canHandle(byId)) return matchDocuments(query, index.getPositions(byId), orderBy, skip, limit, batchSize, fields);
                }
            }
            return super.queryDocuments(query, orderBy, skip, limit, batchSize, fields);
        }
    }

    public static void main(String[] arguments) throws Exception {
        boolean isKept = arguments.length > 1;
        MongoBackend backend = isKept ? new H2Backend(arguments[1]).version(VERSION) : new QuickBackend().version(VERSION);
        MongoServer server = new MongoServer(backend);
        if (!isKept) server.enableOplog();
        server.bind("127.0.0.1", Integer.parseInt(arguments[0]));
        System.out.println(server.getLocalAddress().getPort());
        while (System.in.read() >= 0) continue;
        server.shutdown();
    }
}

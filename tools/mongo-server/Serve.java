import de.bwaldvogel.mongo.MongoBackend;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
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

    public static void main(String[] arguments) throws Exception {
        boolean isKept = arguments.length > 1;
        MongoBackend backend = isKept ? new H2Backend(arguments[1]).version(VERSION) : new IndexedBackend().version(VERSION);
        MongoServer server = new MongoServer(backend);
        server.bind("127.0.0.1", Integer.parseInt(arguments[0]));
        System.out.println(server.getLocalAddress().getPort());
        while (System.in.read() >= 0) continue;
        server.shutdown();
    }
}

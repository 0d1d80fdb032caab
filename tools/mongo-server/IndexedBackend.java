import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.DatabaseResolver;
import de.bwaldvogel.mongo.backend.EmptyIndex;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.KeyValue;
import de.bwaldvogel.mongo.backend.QueryResult;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import de.bwaldvogel.mongo.backend.memory.MemoryCollection;
import de.bwaldvogel.mongo.backend.memory.MemoryDatabase;
import de.bwaldvogel.mongo.backend.memory.index.MemoryUniqueIndex;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.oplog.Oplog;
import io.netty.channel.Channel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The memory backend, with indexes that choose the documents to look at, where it would look at all: by _id beside something else, by a text or a range of
 * texts in the first field of an index, also where a pipeline begins so. Each document is still matched with the whole query.
 */
final class IndexedBackend extends MemoryBackend {
    /** What the pipeline of this thread begins with. */
    private static final ThreadLocal<Document> FIRST_MATCH = new ThreadLocal<>();

    @Override
    public MemoryDatabase openOrCreateDatabase(String name) {
        return new IndexedDatabase(name, getCursorRegistry());
    }

    private static final class IndexedDatabase extends MemoryDatabase {
        IndexedDatabase(String name, CursorRegistry cursors) {
            super(name, cursors);
        }

        @Override
        protected MemoryCollection openOrCreateCollection(String name, CollectionOptions options) {
            return new IndexedCollection(this, name, options, cursorRegistry);
        }

        @Override
        protected Index<Integer> openOrCreateUniqueIndex(String collection, String name, List<IndexKey> keys, boolean isSparse) {
            return new UniqueTextIndex(name, keys, isSparse);
        }

        @Override
        protected Index<Integer> openOrCreateSecondaryIndex(String collection, String name, List<IndexKey> keys, boolean isSparse) {
            return new TextIndex(name, keys);
        }

        @Override
        public Document handleCommand(Channel channel, String command, Document query, DatabaseResolver resolver, Oplog oplog) {
            boolean isPipeline = command.equalsIgnoreCase("aggregate") && query.get("pipeline") instanceof List<?> stages && !stages.isEmpty();
            Object first = isPipeline ? ((List<?>) query.get("pipeline")).get(0) : null;
            if (first instanceof Document stage && stage.get("$match") instanceof Document match) FIRST_MATCH.set(match);
            try {
                return super.handleCommand(channel, command, query, resolver, oplog);
            } finally {
                FIRST_MATCH.remove();
            }
        }
    }

    private static final class IndexedCollection extends MemoryCollection {
        IndexedCollection(MemoryDatabase database, String name, CollectionOptions options, CursorRegistry cursors) {
            super(database, name, options, cursors);
        }

        @Override
        public Stream<Document> queryAllAsStream() {
            Document match = FIRST_MATCH.get();
            FIRST_MATCH.remove();
            return match == null ? super.queryAllAsStream() : handleQueryAsStream(match);
        }

        @Override
        protected QueryResult queryDocuments(Document query, Document order, int skip, int limit, int batchSize, Document fields) {
            Iterable<Integer> those = lookedAt(query);
            if (those == null) return super.queryDocuments(query, order, skip, limit, batchSize, fields);
            return matchDocuments(query, those, order, skip, limit, batchSize, fields);
        }

        /** Null if no index tells. */
        private Iterable<Integer> lookedAt(Document query) {
            if (query.containsKey("_id")) {
                Document byId = new Document("_id", query.get("_id"));
                for (Index<Integer> index : getIndexes()) if (index.canHandle(byId)) return index.getPositions(byId);
            }
            for (boolean isRange : new boolean[] {false, true}) {
                for (Index<Integer> index : getIndexes()) {
                    Texts texts = index instanceof TextIndex one ? one.texts : index instanceof UniqueTextIndex other ? other.texts : null;
                    Iterable<Integer> those = texts == null ? null : isRange ? texts.within(query) : texts.equalTo(query);
                    if (those != null) return those;
                }
            }
            return null;
        }
    }

    /** Where the documents are that have a text in the first field of an index, or in its array. */
    private static final class Texts {
        private final String field;
        private final NavigableMap<String, Set<Integer>> positions = new TreeMap<>();
        private boolean hasArrays;

        Texts(List<IndexKey> keys) {
            field = keys.get(0).getKey();
        }

        synchronized void add(Document document, Integer position) {
            for (String text : textsOf(document)) positions.computeIfAbsent(text, any -> new LinkedHashSet<>()).add(position);
        }

        synchronized void remove(Document document, Integer position) {
            for (String text : textsOf(document)) {
                Set<Integer> those = positions.get(text);
                if (those != null && those.remove(position) && those.isEmpty()) positions.remove(text);
            }
        }

        synchronized Iterable<Integer> equalTo(Document query) {
            return query.get(field) instanceof String text ? new ArrayList<>(positions.getOrDefault(text, Set.of())) : null;
        }

        /** Of an array another element may be below each bound, unless the query is about one. */
        synchronized Iterable<Integer> within(Document query) {
            if (!(query.get(field) instanceof Document range)) return null;
            if (range.get("$elemMatch") instanceof Document one) range = one;
            else if (hasArrays) return null;
            Object from = range.containsKey("$gt") ? range.get("$gt") : range.get("$gte");
            Object until = range.containsKey("$lt") ? range.get("$lt") : range.get("$lte");
            if (!(from instanceof String first) || !(until instanceof String last)) return null;
            Set<Integer> those = new LinkedHashSet<>();
            if (first.compareTo(last) <= 0) positions.subMap(first, true, last, true).values().forEach(those::addAll);
            return those;
        }

        private List<String> textsOf(Document document) {
            Object value = document.get(field);
            List<String> texts = new ArrayList<>();
            if (value instanceof String text) texts.add(text);
            else if (value instanceof Iterable<?> several) {
                hasArrays = true;
                for (Object one : several) if (one instanceof String text) texts.add(text);
            }
            return texts;
        }
    }

    private static final class UniqueTextIndex extends MemoryUniqueIndex {
        private final Texts texts;

        UniqueTextIndex(String name, List<IndexKey> keys, boolean isSparse) {
            super(name, keys, isSparse);
            texts = new Texts(keys);
        }

        @Override
        public void add(Document document, Integer position, MongoCollection<Integer> collection) {
            super.add(document, position, collection);
            texts.add(document, position);
        }

        @Override
        public Integer remove(Document document) {
            Integer position = super.remove(document);
            texts.remove(document, position);
            return position;
        }
    }

    /** Not unique. Where a document is it is told only with a new one, so that is kept by _id. */
    private static final class TextIndex extends EmptyIndex<Integer> {
        private final Texts texts;
        private final Map<KeyValue, Integer> positions = new HashMap<>();

        TextIndex(String name, List<IndexKey> keys) {
            super(name, keys);
            texts = new Texts(keys);
        }

        @Override
        public synchronized void add(Document document, Integer position, MongoCollection<Integer> collection) {
            positions.put(idOf(document), position);
            texts.add(document, position);
        }

        @Override
        public synchronized Integer remove(Document document) {
            Integer position = positions.remove(idOf(document));
            if (position != null) texts.remove(document, position);
            return position;
        }

        @Override
        public synchronized void updateInPlace(Document before, Document after, Integer position, MongoCollection<Integer> collection) {
            texts.remove(before, position);
            texts.add(after, position);
        }

        private static KeyValue idOf(Document document) {
            return new KeyValue(document.get("_id")).normalized();
        }
    }
}

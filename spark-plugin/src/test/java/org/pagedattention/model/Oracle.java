package org.pagedattention.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.pagedattention.model.folder.LocalModelFiles;
import org.pagedattention.model.folder.StoredTensor;
import org.pagedattention.model.folder.StoredTensors;

/**
 * A tiny model of the test resources, and what transformers and sentence-transformers computed with it in double
 * precision. Made by src/test/python/model_oracle.py.
 */
public final class Oracle {
    private final LocalModelFiles files;
    private final JsonNode cases;
    private final Map<String, StoredTensor> outputs;

    private Oracle(LocalModelFiles files) throws IOException {
        this.files = files;
        cases = new ObjectMapper().readTree(files.path().resolve("oracle.json").toFile());
        outputs = StoredTensors.of(files, "oracle.safetensors").stream()
                .collect(Collectors.toMap(StoredTensor::name, Function.identity()));
    }

    /** The oracle of the folder {@code models/NAME} of the test resources. */
    public static Oracle of(String name) {
        try {
            URI uri = Oracle.class.getResource("/models/" + name).toURI();
            return new Oracle(new LocalModelFiles(uri.getScheme().equals("jar") ? unpacked(uri, name) : Path.of(uri)));
        } catch (IOException | URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A folder of the jar that the tests are in, where they are carried to another host. */
    private static synchronized Path unpacked(URI uri, String name) throws IOException {
        Path target = Files.createTempDirectory("oracle").resolve(name);
        try (FileSystem jar = FileSystems.newFileSystem(uri, Map.of())) {
            Path source = jar.getPath("/models/" + name);
            try (Stream<Path> files = Files.walk(source)) {
                for (Path file : files.toList()) {
                    Path to = target.resolve(source.relativize(file).toString());
                    Files.createDirectories(to.getParent());
                    Files.copy(file, to);
                }
            }
        }
        return target;
    }

    /** A text, or a pair of texts, and the tokens that transformers makes of it. */
    public record Case(String text, String pair, TokenIds tokens) {}

    public LocalModelFiles files() {
        return files;
    }

    /** The cases of {@code texts} or {@code pairs}. */
    public List<Case> cases(String kind) {
        return StreamSupport.stream(cases.path(kind).spliterator(), false)
                .map(node -> {
                    int[] ids = ints(node.path("ids"));
                    int[] types = node.has("types") ? ints(node.path("types")) : new int[ids.length];
                    String pair = node.has("pair") ? node.path("pair").asText() : null;
                    return new Case(node.path("text").asText(), pair, new TokenIds(ids, types));
                })
                .toList();
    }

    /** The sequences of token ids that a language model was given. */
    public List<TokenIds> sequences() {
        return StreamSupport.stream(cases.path("ids").spliterator(), false)
                .map(ids -> TokenIds.of(ints(ids)))
                .toList();
    }

    /** Tokens of a text that nobody cut. */
    public int[] whole(int text) {
        return ints(cases.path("texts").path(text).path("whole"));
    }

    boolean has(String output) {
        return outputs.containsKey(output);
    }

    /** An output, row after row. */
    public float[] output(String name) {
        StoredTensor tensor = outputs.get(name);
        float[] values = new float[(int) tensor.shape().elements()];
        tensor.type().read(tensor.read(), 0, values, values.length);
        return values;
    }

    private static int[] ints(JsonNode list) {
        return IntStream.range(0, list.size()).map(i -> list.get(i).asInt()).toArray();
    }
}

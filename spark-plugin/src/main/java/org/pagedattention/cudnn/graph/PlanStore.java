package org.pagedattention.cudnn.graph;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Plans that earlier processes built and measured, a file each: reading one takes a millisecond, building it up to a
 * second. It is another one for another GPU, another cuDNN, and other classes of ours, which may build another graph for
 * the same key. Whatever goes wrong here costs time only. Safe for use by several threads and processes.
 */
public final class PlanStore {
    private static final System.Logger LOG = System.getLogger(PlanStore.class.getName());
    private static final String ENDING = ".plan";
    /** More than a user's models need; of 60 kB each. */
    private static final int MOST_FILES = 2000;

    private final Path folder;
    private final String machine;

    /**
     * What is stored of a graph.
     *
     * @param millis what a launch took; infinite where nobody measured it
     * @param plan of {@link ExecutionPlan#json}
     */
    record Stored(float millis, byte[] plan) {}

    /**
     * @param folder which nobody else can write to, for plans are code
     * @param machine what plans depend on beside the graph, in words
     */
    public PlanStore(Path folder, String machine) {
        this.folder = folder;
        this.machine = machine;
        makeRoom();
    }

    /** The plan of {@code key}; null when there is none that is whole. */
    @Nullable
    Stored find(GraphKey key) {
        Path file = file(key);
        if (!Files.exists(file)) {
            return null;
        }
        try (InputStream bytes = Files.newInputStream(file);
                DataInputStream in = new DataInputStream(bytes)) {
            boolean same = in.readUTF().equals(identity(key));
            float millis = in.readFloat();
            long sum = in.readLong();
            byte[] plan = in.readAllBytes();
            if (same && sum == sum(plan)) {
                boolean unused = file.toFile().setLastModified(System.currentTimeMillis());
                return new Stored(millis, plan);
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "a stored plan cannot be read", e);
        }
        discard(file);
        return null;
    }

    private static void discard(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "a file cannot be deleted", e);
        }
    }

    /** Stores a plan, unless another process did so meanwhile: then all of them go on with that one. */
    void keep(GraphKey key, Stored stored) {
        if (Files.exists(file(key))) {
            return;
        }
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(bytes);
            out.writeUTF(identity(key));
            out.writeFloat(stored.millis());
            out.writeLong(sum(stored.plan()));
            out.write(stored.plan());
            Path partial = Files.createTempFile(folder, "", ".partial");
            try {
                Files.write(partial, bytes.toByteArray());
                Files.move(partial, file(key), StandardCopyOption.ATOMIC_MOVE);
            } finally {
                discard(partial);
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "a plan cannot be stored", e);
        }
    }

    private String identity(GraphKey key) {
        return machine + "; " + key;
    }

    private Path file(GraphKey key) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest(identity(key).getBytes(StandardCharsets.UTF_8));
            return folder.resolve(HexFormat.of().formatHex(digest, 0, 16) + ENDING);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }

    private static long sum(byte[] bytes) {
        CRC32 sum = new CRC32();
        sum.update(bytes);
        return sum.getValue();
    }

    /** Plans come back soon where they are needed. */
    private void makeRoom() {
        try (Stream<Path> files = Files.list(folder)) {
            // each file's time is looked at once: other processes change it meanwhile
            List<Aged> all = files.map(file -> new Aged(file, file.toFile().lastModified()))
                    .sorted(Comparator.comparingLong(Aged::modified))
                    .toList();
            for (Aged old : all.subList(0, all.size() > MOST_FILES ? all.size() / 2 : 0)) {
                Files.deleteIfExists(old.file());
            }
        } catch (IOException | UncheckedIOException e) {
            LOG.log(System.Logger.Level.DEBUG, "old plans cannot be deleted", e);
        }
    }

    private record Aged(Path file, long modified) {}
}

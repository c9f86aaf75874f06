package org.pagedattention.gpu;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import jcuda.runtime.JCuda;

/**
 * Puts JCuda's native libraries where JCuda looks for them. JCuda unpacks them itself, under fixed names in the
 * temporary folder and not atomically, so that of two executors that start together one can load a half-written file;
 * here each file appears whole or not at all. In a temporary folder that all users share, anybody could have put a file
 * of that name there before: one that is not ours to the last byte is replaced, or refused.
 */
public final class CudaNatives {
    private static final String VERSION = "12.6.0";
    /** Belongs to the user that this process runs as. */
    private static final Path THIS_PROCESS = Path.of("/proc/self");

    private CudaNatives() {}

    /** Makes the libraries ready to be loaded by the JCuda classes. */
    public static void stage() throws IOException {
        for (String library : new String[] {"JCudaRuntime", "JCudnn"}) {
            stage("lib" + library + "-" + VERSION + "-linux-x86_64.so", temporaryFolder());
        }
    }

    /**
     * Unpacks {@code file} into {@code folder} unless it is there in full.
     *
     * @throws IOException when it cannot be put there, or somebody else owns what is there
     */
    static void stage(String file, Path folder) throws IOException {
        try (InputStream packed = JCuda.class.getResourceAsStream("/lib/" + file)) {
            if (packed == null) {
                throw new IOException("/lib/" + file + " is not on the class path");
            }
            byte[] content = packed.readAllBytes();
            Path target = folder.resolve(file);
            if (isOurs(target, content)) {
                return;
            }
            Files.createDirectories(folder);
            Path part = Files.createTempFile(folder, file, ".part");
            Files.write(part, content);
            place(part, target);
            if (!isOurs(target, content)) {
                throw new IOException(
                        target + " belongs to another user: set -Djava.io.tmpdir to a folder of your own");
            }
        }
    }

    /** Whether the file is a plain one of this user, with exactly this content. */
    private static boolean isOurs(Path file, byte[] content) throws IOException {
        return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                && Files.getOwner(file, LinkOption.NOFOLLOW_LINKS).equals(Files.getOwner(THIS_PROCESS))
                && Arrays.equals(Files.readAllBytes(file), content);
    }

    private static void place(Path part, Path target) throws IOException {
        try {
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (FileAlreadyExistsException e) {
            Files.delete(part);
        }
    }

    private static Path temporaryFolder() {
        return Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
    }
}

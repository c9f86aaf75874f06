package org.pagedattention.gpu;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;

/**
 * A folder of this user's, for files that are worth keeping from one process to the next, code among them. Nobody else can
 * write there.
 */
public final class UserFolder {
    /** Names the folder, where the usual one will not do. */
    private static final String SETTING = "PAGED_ATTENTION_CACHE";

    private static final Set<PosixFilePermission> OURS_ALONE = PosixFilePermissions.fromString("rwx------");
    /** Belongs to the user that this process runs as. */
    private static final Path THIS_PROCESS = Path.of("/proc/self");

    private UserFolder() {}

    /** Where this user's folder is or would be. */
    public static Path place() {
        return place(System.getenv(), System.getProperty("user.home", ""));
    }

    /**
     * The folder {@code name} in {@code place}, both made if need be.
     *
     * @throws IOException when it cannot be made, or others can open it
     */
    public static Path open(Path place, String name) throws IOException {
        Files.createDirectories(place.getParent());
        Path folder = place.resolve(name);
        for (Path path : new Path[] {place, folder}) {
            make(path);
            requireOurs(path);
        }
        return folder;
    }

    static Path place(Map<String, String> environment, String home) {
        String set = environment.getOrDefault(SETTING, "");
        if (!set.isEmpty()) {
            return Path.of(set).toAbsolutePath();
        }
        String caches = environment.getOrDefault("XDG_CACHE_HOME", "");
        Path parent = caches.isEmpty() ? Path.of(home, ".cache") : Path.of(caches);
        return parent.resolve("paged-attention").toAbsolutePath();
    }

    private static void make(Path folder) throws IOException {
        try {
            Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OURS_ALONE));
        } catch (FileAlreadyExistsException e) {
            // what it is, is looked at next
        }
    }

    private static void requireOurs(Path folder) throws IOException {
        boolean ours = Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
                && Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).equals(Files.getOwner(THIS_PROCESS));
        if (!ours || !OURS_ALONE.containsAll(Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS))) {
            throw new IOException(folder + " is not a folder that this user alone can open (mode 700): set " + SETTING
                    + " to another, or remove it");
        }
    }
}

package org.pagedattention.gpu.cudf;

import ai.rapids.cudf.NativeDepsLoader;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.pagedattention.gpu.UserFolder;

/**
 * cuDF's native libraries, unpacked once for all processes of a user. cuDF itself unpacks them in each process, half a
 * gigabyte, which takes seconds.
 */
final class CudfNatives {
    private static final System.Logger LOG = System.getLogger(CudfNatives.class.getName());

    /** Where cuDF takes libraries from that are unpacked already. */
    private static final String FOLDER = "ai.rapids.cudf.lib-native-dir";

    /** Those that cuDF loads, as far as its jar has them. */
    private static final List<String> LIBRARIES = List.of("nvcomp", "cudf", "cudfjni");

    private CudfNatives() {}

    /**
     * Has cuDF load what is unpacked. To be called before anything of cuDF's is.
     *
     * @return whether it does; otherwise it unpacks them itself
     */
    static boolean stage() {
        return Once.STAGED;
    }

    private static final class Once {
        static final boolean STAGED = isStaged();
    }

    private static boolean isStaged() {
        if (System.getProperty(FOLDER) != null) {
            return true;
        }
        try {
            ClassLoader loader = NativeDepsLoader.class.getClassLoader();
            System.setProperty(FOLDER, unpack(loader, UserFolder.place()).toString());
            return true;
        } catch (IOException | RuntimeException e) {
            LOG.log(System.Logger.Level.INFO, "cuDF unpacks its libraries for this process alone: {0}", e);
            return false;
        }
    }

    /**
     * A library in cuDF's jar.
     *
     * @param check the CRC of its bytes
     */
    private record Packed(URL url, String file, long bytes, long check) {}

    /**
     * Unpacks what {@code loader} finds of the libraries, unless a process did so before.
     *
     * @param place the user's folder
     * @return the folder that holds them
     * @throws IOException when they cannot be found or unpacked
     */
    static Path unpack(ClassLoader loader, Path place) throws IOException {
        List<Packed> libraries = find(loader);
        // other libraries, other folder: what a process has loaded stays as it is
        StringBuilder name = new StringBuilder("cudf");
        libraries.forEach(library -> name.append(String.format(Locale.ROOT, "-%08x", library.check())));
        Path folder = UserFolder.open(place, name.toString());
        if (!whole(libraries, folder)) {
            unpack(libraries, folder);
        }
        return folder;
    }

    private static List<Packed> find(ClassLoader loader) throws IOException {
        List<Packed> found = new ArrayList<>();
        for (String library : LIBRARIES) {
            String file = System.mapLibraryName(library);
            URL url = loader.getResource(
                    System.getProperty("os.arch") + "/" + System.getProperty("os.name") + "/" + file);
            if (url != null && url.openConnection() instanceof JarURLConnection jar) {
                found.add(new Packed(
                        url,
                        file,
                        jar.getJarEntry().getSize(),
                        jar.getJarEntry().getCrc()));
            }
        }
        if (found.isEmpty()) {
            throw new IOException("no jar on the class path holds cuDF's native libraries for this platform");
        }
        return found;
    }

    /** A file appears only when it is whole, and nobody else can write here: the size tells whether it is still there. */
    private static boolean whole(List<Packed> libraries, Path folder) throws IOException {
        for (Packed library : libraries) {
            Path file = folder.resolve(library.file());
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || Files.size(file) != library.bytes()) {
                return false;
            }
        }
        return true;
    }

    /** One process does it, and those that start with it wait. */
    private static void unpack(List<Packed> libraries, Path folder) throws IOException {
        try (FileChannel guard =
                        FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = guard.lock()) {
            if (!lock.isValid() || whole(libraries, folder)) {
                return;
            }
            for (Packed library : libraries) {
                // what a process that was killed left there is written over
                Path part = folder.resolve(library.file() + ".part");
                try (InputStream in = library.url().openStream()) {
                    // reading from a jar compares the CRC
                    Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
                }
                Files.move(part, folder.resolve(library.file()), StandardCopyOption.ATOMIC_MOVE);
            }
        }
    }
}

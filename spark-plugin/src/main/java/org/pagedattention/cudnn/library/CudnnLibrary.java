package org.pagedattention.cudnn.library;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Where {@code libcudnn.so.9} was looked for, and where it is.
 *
 * @param file the library; empty when it is in none of the places, so that only the system's own search can find it
 * @param searched the places, in order
 */
record CudnnLibrary(Optional<Path> file, List<Path> searched) {
    private static final System.Logger LOG = System.getLogger(CudnnLibrary.class.getName());
    private static final String NAME = "libcudnn.so.9";

    private static final List<Path> SYSTEM_FOLDERS = List.of(
            Path.of("/usr/lib/x86_64-linux-gnu"),
            Path.of("/usr/lib64"),
            Path.of("/usr/local/cuda/lib64"),
            Path.of("/usr/local/cudnn/lib"),
            Path.of("/usr/local/lib"));

    /**
     * The libraries that {@code libcudnn.so.9} opens by name. Opened first by path, they come from its folder whatever
     * other version {@code LD_LIBRARY_PATH} has.
     */
    private static final List<String> PARTS = List.of(
            "libcudnn_graph.so.9",
            "libcudnn_ops.so.9",
            "libcudnn_engines_precompiled.so.9",
            "libcudnn_engines_runtime_compiled.so.9",
            "libcudnn_heuristic.so.9");

    /**
     * Looks in the configured place, or in the folders of {@code LD_LIBRARY_PATH} and then the usual ones.
     *
     * @param configured file or folder; empty when nothing is configured
     * @param searchPath value of {@code LD_LIBRARY_PATH}
     */
    static CudnnLibrary find(String configured, String searchPath, Predicate<Path> exists) {
        List<Path> places = new ArrayList<>();
        if (configured.isEmpty()) {
            Stream.of(searchPath.split(File.pathSeparator))
                    .filter(folder -> !folder.isBlank())
                    .forEach(folder -> places.add(Path.of(folder, NAME)));
            SYSTEM_FOLDERS.forEach(folder -> places.add(folder.resolve(NAME)));
        } else {
            // libcudnn.so.9 as well as libcudnn.so.9.19.0
            boolean file = new File(configured).getName().contains(".so");
            places.add(file ? Path.of(configured) : Path.of(configured, NAME));
        }
        return new CudnnLibrary(places.stream().filter(exists).findFirst(), places);
    }

    static CudnnLibrary find(String configured) {
        String searchPath = System.getenv("LD_LIBRARY_PATH");
        return find(configured, searchPath == null ? "" : searchPath, Files::isRegularFile);
    }

    /** Loads the library and its parts, so that JCudnn finds it in the process. */
    void load() {
        if (file.isPresent()) {
            Path main = file.get().toAbsolutePath();
            loadOnce(main);
            for (String part : PARTS) {
                Path path = main.resolveSibling(part);
                if (Files.isRegularFile(path)) {
                    loadPart(path);
                }
            }
        }
    }

    /** A part that misses something may never be needed; if it is, cuDNN says so itself. */
    private static void loadPart(Path path) {
        try {
            loadOnce(path);
        } catch (UnsatisfiedLinkError e) {
            LOG.log(System.Logger.Level.DEBUG, "cannot load " + path + " ahead of cuDNN", e);
        }
    }

    /** One class loader of a JVM may load a file; for our purpose it does not matter which. */
    private static void loadOnce(Path path) {
        try {
            System.load(path.toString());
        } catch (UnsatisfiedLinkError e) {
            if (!String.valueOf(e.getMessage()).contains("already loaded in another classloader")) {
                throw e;
            }
        }
    }
}

package org.pagedattention.text;

import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;

/**
 * Loads the native library that comes in the jar of the tokenizers. Each class loader that loads this class unpacks a file
 * of its own, because a JVM gives one file to one loader only; where the system allows it the file is gone as soon as it
 * is loaded, so that processes share nothing and leave nothing behind.
 */
final class TokenizersNative {
    private TokenizersNative() {}

    private static final class Holder {
        static final TokenizersLibrary LOADED = load();
    }

    /** The library's calls. */
    static TokenizersLibrary library() {
        return Holder.LOADED;
    }

    private static TokenizersLibrary load() {
        String resource = resource(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
        Path file = unpack(resource);
        try {
            System.load(file.toString());
        } catch (UnsatisfiedLinkError e) {
            throw new IllegalStateException(
                    "the tokenizers' library does not load from " + file.getParent() + ": " + e.getMessage()
                            + "; set java.io.tmpdir to a folder from which libraries may be loaded",
                    e);
        } finally {
            // what is loaded stays so without its file, but for Windows, where the JVM's end removes it
            if (!file.toFile().delete()) {
                file.toFile().deleteOnExit();
            }
        }
        return TokenizersLibrary.LIB;
    }

    /** Where the library of a system lies on the class path. */
    static String resource(String os, String arch) {
        String lower = os.toLowerCase(Locale.ROOT);
        String system = lower.startsWith("linux") ? "linux" : lower.startsWith("mac") ? "osx" : lower;
        String machine = arch.equals("amd64") ? "x86_64" : arch.equals("arm64") ? "aarch64" : arch;
        return "native/lib/" + system + "-" + machine + "/cpu/"
                + (system.equals("osx") ? "libtokenizers.dylib" : "libtokenizers.so");
    }

    private static Path unpack(String resource) {
        try (InputStream library = TokenizersNative.class.getClassLoader().getResourceAsStream(resource)) {
            if (library == null) {
                throw new IllegalStateException("there is no tokenizers' library for this system: " + resource
                        + " is not on the class path; it is there for Linux on x86-64 and ARM and for macOS on ARM");
            }
            Path file =
                    Files.createTempFile("paged-attention-tokenizers", resource.substring(resource.lastIndexOf('.')));
            Files.copy(library, file, StandardCopyOption.REPLACE_EXISTING);
            return file;
        } catch (IOException e) {
            throw new IllegalStateException(
                    "the tokenizers' library cannot be unpacked to " + System.getProperty("java.io.tmpdir") + ": "
                            + e.getMessage() + "; make room there, or set java.io.tmpdir to another folder",
                    e);
        }
    }
}

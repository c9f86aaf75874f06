package org.pagedattention.jobs.getmodel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.codec.digest.DigestUtils;

/** What must be what it was: by SHA-256, in hexadecimal digits. */
final class Checksums {
    private Checksums() {}

    /** @throws IllegalArgumentException when the file has another, or is not there */
    static void require(Path file, String sha256) throws IOException {
        String found = "is not there";
        if (Files.exists(file)) {
            found = "has the SHA-256 " + new DigestUtils("SHA-256").digestAsHex(file);
        }
        require(file.toString(), found, sha256);
    }

    /** @throws IllegalArgumentException when {@code bytes} have another */
    static void require(String what, byte[] bytes, String sha256) {
        require(what, "has the SHA-256 " + DigestUtils.sha256Hex(bytes), sha256);
    }

    private static void require(String what, String found, String sha256) {
        if (!found.endsWith(sha256)) {
            throw new IllegalArgumentException(what + " " + found + ", and must have " + sha256);
        }
    }
}

package org.pagedattention.jobs.getmodel;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.io.FileUtils;

/** A folder that appears whole or not at all: it is written beside its place, and moved there when it is. */
final class NewFolder {
    private NewFolder() {}

    interface Writer {
        void write(Path folder) throws IOException;
    }

    /** @throws FileAlreadyExistsException when something is there by then */
    static void write(Path folder, Writer writer) throws IOException {
        Path place = folder.toAbsolutePath().normalize();
        Path parent = Files.createDirectories(place.getParent());
        Path partial = Files.createTempDirectory(parent, "." + place.getFileName() + ".partial");
        try {
            Path content = Files.createDirectory(partial.resolve("content"));
            writer.write(content);
            // moving onto an empty folder would replace it
            if (Files.exists(place)) {
                throw new FileAlreadyExistsException(folder.toString());
            }
            Files.move(content, place);
        } finally {
            FileUtils.deleteDirectory(partial.toFile());
        }
    }
}

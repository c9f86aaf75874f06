package org.pagedattention.files;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.viewfs.ViewFileSystem;
import org.apache.hadoop.hdfs.DistributedFileSystem;

/**
 * What a path stands for, whatever it is called: links and mounts are followed, also on the way to what is not there
 * yet, HDFS has one name of its server, and S3 one scheme.
 *
 * @param path the one name of the place
 */
public record Place(Path path) {
    /** All may be set up to mean S3A. */
    private static final Set<String> S3_SCHEMES = Set.of("s3", "s3a", "s3n");

    /**
     * The place of {@code path}.
     *
     * @throws IOException when the file system cannot be asked
     * @throws InputException for a name that this process's locale cannot say
     */
    public static Place of(Path path, Configuration hadoop) throws IOException {
        FileSystem files = path.getFileSystem(hadoop);
        Path whole = files.makeQualified(path);
        if (LocalPath.isLocal(whole)) {
            return new Place(LocalPath.toHadoop(real(LocalPath.of(whole))));
        }
        Path resolved = files.supportsSymlinks() || files instanceof ViewFileSystem ? resolved(whole, files) : whole;
        return new Place(canonical(resolved, resolved.getFileSystem(hadoop)));
    }

    /** Whether one of the two lies in the other, or they are the same. */
    public boolean meets(Place other) {
        return inside(other) || other.inside(this);
    }

    /** Whether this place is {@code outer}, or lies in it. */
    public boolean inside(Place outer) {
        for (Path ancestor = path; ancestor != null; ancestor = ancestor.getParent()) {
            if (ancestor.equals(outer.path) || sameLocally(ancestor, outer.path)) {
                return true;
            }
        }
        return false;
    }

    /** A folder may also be mounted at two paths, where neither is a link. */
    private static boolean sameLocally(Path one, Path other) {
        if (!LocalPath.isLocal(one) || !LocalPath.isLocal(other)) {
            return false;
        }
        try {
            return Files.isSameFile(LocalPath.of(one), LocalPath.of(other));
        } catch (IOException e) {
            // what is not there is no place by another name
            return false;
        }
    }

    /** The part that is there by its real name, with the rest behind. */
    private static java.nio.file.Path real(java.nio.file.Path path) throws IOException {
        for (java.nio.file.Path there = path; there != null; there = there.getParent()) {
            if (Files.exists(there)) {
                return there.toRealPath().resolve(there.relativize(path)).normalize();
            }
        }
        return path;
    }

    private static Path resolved(Path path, FileSystem files) throws IOException {
        try {
            return files.resolvePath(path);
        } catch (FileNotFoundException e) {
            Path parent = path.getParent();
            return parent == null ? path : new Path(resolved(parent, files), path.getName());
        }
    }

    private static Path canonical(Path whole, FileSystem files) {
        URI uri = whole.toUri();
        if (files instanceof DistributedFileSystem hdfs) {
            return new Path(hdfs.getScheme(), hdfs.getCanonicalServiceName(), uri.getPath());
        }
        return S3_SCHEMES.contains(uri.getScheme()) ? new Path("s3a", uri.getAuthority(), uri.getPath()) : whole;
    }
}

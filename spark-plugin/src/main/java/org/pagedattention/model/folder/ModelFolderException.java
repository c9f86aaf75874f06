package org.pagedattention.model.folder;

/** A model folder that is not understood, or not whole. The message names the folder, what is wrong, and what to do. */
public final class ModelFolderException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    public ModelFolderException(ModelFiles files, String problem) {
        super("model " + files.folder() + ": " + problem);
    }

    ModelFolderException(ModelFiles files, String problem, Throwable cause) {
        super("model " + files.folder() + ": " + problem, cause);
    }
}

package org.pagedattention.cudnn.graph;

/** A tensor of a graph that each launch gives memory to; one that is equal to itself alone, such as a constant of an enum. */
public interface TensorId {

    /** Its number, unlike that of any other tensor of its graph: from 1 to {@link GraphBuilder#MOST_IDS}. */
    long uid();
}

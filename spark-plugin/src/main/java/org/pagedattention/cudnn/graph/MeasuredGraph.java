package org.pagedattention.cudnn.graph;

import java.util.Map;

/** A graph whose plan is chosen by measuring. */
public interface MeasuredGraph extends GraphKey {

    /** How many plans to measure; 1 for what cuDNN would choose, measured none the less. */
    int plansToMeasure();

    /** Bytes of every tensor in device memory. */
    Map<TensorId, Long> bytes();
}

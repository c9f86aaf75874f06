package org.pagedattention.conf;

import java.io.Serializable;
import java.util.List;
import org.pagedattention.backend.ModelType;

/**
 * How whole models are loaded and computed.
 *
 * @param atStart those that executors load when they start
 * @param type what they compute in
 */
public record ModelConf(List<ModelAtStart> atStart, ModelType type) implements Serializable {

    static ModelConf read(Settings settings) {
        return new ModelConf(
                settings.read(
                        "model",
                        "",
                        ModelAtStart::parse,
                        "Models that executors with the plugin load when they start and keep, so that tasks find them ready:"
                                + " folders with commas between. Each is loaded for what its folder says it is for, or for"
                                + " what stands before it: `embed=`, `classify=` or `loglikelihood=`; with the options that"
                                + " jobs have by default"),
                settings.read(
                        "model.dtype",
                        "auto",
                        Parsers.oneOf(ModelType.values()),
                        "What models compute in, with sums in fp32: `fp32` on the CPU alone, `fp16` or `bf16` with cuDNN"
                                + " alone; `auto`: fp32 on the CPU, with cuDNN the checkpoint's 16 bits, and for fp32"
                                + " checkpoints fp16, or bf16 where a number is too large for it"));
    }
}

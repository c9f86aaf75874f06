package org.pagedattention.model;

import java.util.Locale;
import org.pagedattention.backend.Activation;
import org.pagedattention.model.folder.JsonFile;

/** What models call their activations. */
final class ActivationNames {
    private ActivationNames() {}

    /** The value of a key such as {@code hidden_act} of a config.json, GELU when it is missing. */
    static Activation ofConfig(JsonFile config, String key) {
        return ofConfig(config, key, "gelu");
    }

    /** The value of a key such as {@code hidden_act} of a config.json. */
    static Activation ofConfig(JsonFile config, String key, String ifMissing) {
        return switch (config.string(key, ifMissing)) {
            case "gelu", "gelu_python" -> Activation.GELU;
            case "gelu_new", "gelu_pytorch_tanh", "gelu_fast", "gelu_accurate" -> Activation.GELU_TANH;
            case "relu" -> Activation.RELU;
            case "silu", "swish" -> Activation.SILU;
            case "tanh" -> Activation.TANH;
            case "sigmoid" -> Activation.SIGMOID;
            case "linear" -> Activation.NONE;
            default ->
                throw config.unsupported(
                        key, "gelu, gelu_new, gelu_pytorch_tanh, gelu_fast, relu, silu, tanh, sigmoid and linear are");
        };
    }

    /** The activation of a class of torch, such as {@code torch.nn.modules.activation.Tanh}. */
    static Activation ofTorch(JsonFile config, String key, String className) {
        String simple = className.startsWith("torch.nn.") ? className.substring(className.lastIndexOf('.') + 1) : "";
        return switch (simple.toLowerCase(Locale.ROOT)) {
            case "tanh" -> Activation.TANH;
            case "identity" -> Activation.NONE;
            case "relu" -> Activation.RELU;
            case "gelu" -> Activation.GELU;
            case "silu" -> Activation.SILU;
            case "sigmoid" -> Activation.SIGMOID;
            default ->
                throw config.refuse("has " + key + " = " + className
                        + ", which is not supported: torch's Tanh, Identity, ReLU, GELU, SiLU and Sigmoid are");
        };
    }
}

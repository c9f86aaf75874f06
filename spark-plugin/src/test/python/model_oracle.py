"""Makes the tiny models of the tests, and what transformers and sentence-transformers compute with them.

    python model_oracle.py OUT

Every model is made by transformers' own class with seeded random weights and lies in a folder of its own, as
save_pretrained writes it. Beside the model:

  oracle.json         token ids, texts, pairs, and what the tokenizer made of them
  oracle.safetensors  outputs, computed in float64 and stored in float32

The seeds fix the weights, not the trained vocabularies, so a run makes a whole set: never mix files of two runs.
Needs torch, transformers 5, sentence-transformers 6, tokenizers and safetensors.
"""

import json
import pathlib
import sys
import traceback

import torch
import transformers
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

WIDTH, LAYERS, HEADS, FEED, LONGEST = 32, 2, 2, 48, 64

CORPUS = """The quick brown fox jumps over the lazy dog.
A page of memory holds sixty-four tokens, whatever the length of the sequence.
Attention is computed once for every query, and every query sees its own keys.
She sells sea shells by the sea shore; the shells she sells are surely sea shells.
How many rows does a table have when nobody has counted them?
That is a happy person. That is a very happy person. Today is a sunny day.
Data is read, scored and written; no row is lost and none is written twice.
Un café, s'il vous plaît: la forêt est très belle en été.
Die Zeilen einer Tabelle werden nacheinander gelesen und bewertet.
La red neuronal convierte un texto en un vector de números.
1234567890 + 42 = 1234567932, or 3.14159 times ten.
Transformers turn text into vectors; vectors that are near each other mean the same.
""".splitlines()

TEXTS = [
    "That is a happy person.",
    "",
    "   ",
    "The lazy dog's café, 42 times!",
    "[CLS] a dog [SEP] or <s>two</s>",
    "[MASK]<mask>[PAD]<pad>",
    "ein \u00fcbergro\u00dfer Text \u4f60\u597d \U0001f601 \u0645\u0631\u062d\u0628\u0627",
    "tabs\tand\nlines\r\nand\u00a0spaces\u200b and nul\u0000 done",
    "Attention is computed once for every query. " * 8,
]
PAIRS = [
    ["How many rows does a table have?", "A table has rows."],
    ["", "a dog"],
    ["a dog", ""],
    ["who [SEP] </s> me", "The quick brown fox. " * 12],
    ["The quick brown fox. " * 12, "who"],
    ["The quick brown fox. " * 12, "The lazy dog. " * 16],
]


def word_pieces():
    made = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.decoder = decoders.WordPiece()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    made.train_from_iterator(CORPUS, trainers.WordPieceTrainer(vocab_size=200, special_tokens=special, show_progress=False))
    made.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0", pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    names = dict(pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]")
    return wrap(made, names, ["input_ids", "token_type_ids", "attention_mask"])


def byte_pairs():
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=290,
        special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    made.train_from_iterator(CORPUS, trainer)
    made.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), True, False)
    return wrap(made, angle_names(), ["input_ids", "attention_mask"])


def unigrams():
    made = Tokenizer(models.Unigram())
    made.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(" {2,}", " ")])
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    made.decoder = decoders.Metaspace()
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    made.train_from_iterator(CORPUS, trainers.UnigramTrainer(vocab_size=200, special_tokens=special, unk_token="<unk>", show_progress=False))
    made.add_special_tokens(["<mask>"])
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return wrap(made, angle_names(), ["input_ids", "attention_mask"])


def angle_names():
    return dict(
        bos_token="<s>", eos_token="</s>", pad_token="<pad>", unk_token="<unk>", cls_token="<s>", sep_token="</s>", mask_token="<mask>"
    )


def wrap(made, names, inputs):
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=made, model_max_length=LONGEST, model_input_names=inputs, clean_up_tokenization_spaces=False, **names
    )


def seed(model, number):
    """Weights wide enough that attention is not flat and that no bias or gain could be forgotten unseen."""
    generator = torch.Generator().manual_seed(number)
    with torch.no_grad():
        for name, parameter in sorted(model.named_parameters()):
            gain = parameter.dim() == 1 and name.endswith("weight") and "Gemma" not in type(model).__name__
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.2 + (1 if gain else 0))
    return model.eval()


def encode(tokenizer, text, pair=None):
    """As transformers does for a batch, cut to what the model takes; given alone, an empty second text would be no text."""
    pairs = None if pair is None else [pair]
    made = tokenizer([text], pairs, truncation=True, max_length=LONGEST, return_token_type_ids=True)
    return {"ids": made["input_ids"][0], "types": made["token_type_ids"][0]}


def cases(tokenizer):
    """A text that looks like a special token is text: not transformers' default, but what a table of texts needs."""
    tokenizer.split_special_tokens = True
    return {
        "texts": [{"text": t, "whole": tokenizer(t)["input_ids"]} | encode(tokenizer, t) for t in TEXTS],
        "pairs": [{"text": a, "pair": b} | encode(tokenizer, a, b) for a, b in PAIRS],
    }


def inputs_of(case, typed):
    made = {"input_ids": torch.tensor([case["ids"]]), "attention_mask": torch.ones(1, len(case["ids"]), dtype=torch.long)}
    return made | ({"token_type_ids": torch.tensor([case["types"]])} if typed else {})


def finish(folder, oracle, outputs):
    (folder / "oracle.json").write_text(json.dumps(oracle, ensure_ascii=True, separators=(",", ":")) + "\n")
    save_file({k: v.detach().to(torch.float32).contiguous() for k, v in outputs.items()}, folder / "oracle.safetensors")


def store_classifier(folder, model, tokenizer, typed):
    """Hidden states of some texts and logits of all texts and pairs."""
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    oracle = cases(tokenizer)
    body, outputs = model.double().base_model, {}
    with torch.no_grad():
        for i, case in enumerate(oracle["texts"]):
            outputs[f"text.{i}.logits"] = model(**inputs_of(case, typed)).logits[0]
            if i in (0, 1, 6, 8):
                outputs[f"text.{i}.hidden"] = body(**inputs_of(case, typed)).last_hidden_state[0]
        for i, case in enumerate(oracle["pairs"]):
            outputs[f"pair.{i}.logits"] = model(**inputs_of(case, typed)).logits[0]
    finish(folder, oracle, outputs)


def bert_config(**more):
    return transformers.BertConfig(
        hidden_size=WIDTH, num_hidden_layers=LAYERS, num_attention_heads=HEADS, intermediate_size=FEED,
        max_position_embeddings=LONGEST, **more)  # fmt: skip


def make_bert(folder):
    tokenizer = word_pieces()
    labels = {0: "sad", 1: "so so", 2: "happy"}
    config = bert_config(vocab_size=len(tokenizer), id2label=labels, label2id={v: k for k, v in labels.items()})
    store_classifier(folder, seed(transformers.BertForSequenceClassification(config), 1), tokenizer, True)


def make_distilbert(folder):
    tokenizer = word_pieces()
    config = transformers.DistilBertConfig(
        vocab_size=len(tokenizer), dim=WIDTH, n_layers=LAYERS, n_heads=HEADS, hidden_dim=FEED, max_position_embeddings=LONGEST,
        id2label={0: "NEGATIVE", 1: "POSITIVE"}, label2id={"NEGATIVE": 0, "POSITIVE": 1})  # fmt: skip
    store_classifier(folder, seed(transformers.DistilBertForSequenceClassification(config), 2), tokenizer, False)


def roberta_settings(tokenizer):
    return dict(
        vocab_size=len(tokenizer), hidden_size=WIDTH, num_hidden_layers=LAYERS, num_attention_heads=HEADS, intermediate_size=FEED,
        max_position_embeddings=LONGEST + 2, type_vocab_size=1, layer_norm_eps=1e-5, pad_token_id=1, bos_token_id=0, eos_token_id=2,
        num_labels=1)  # fmt: skip


def make_roberta(folder):
    tokenizer = byte_pairs()
    config = transformers.RobertaConfig(**roberta_settings(tokenizer))
    store_classifier(folder, seed(transformers.RobertaForSequenceClassification(config), 3), tokenizer, False)


def make_xlm_roberta(folder):
    tokenizer = unigrams()
    config = transformers.XLMRobertaConfig(**roberta_settings(tokenizer))
    store_classifier(folder, seed(transformers.XLMRobertaForSequenceClassification(config), 4), tokenizer, False)


def make_sentence(folder):
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Dense, Normalize, Transformer
    from sentence_transformers.sentence_transformer.modules import Pooling

    raw = folder.parent / "raw-bert"
    tokenizer = word_pieces()
    seed(transformers.BertModel(bert_config(vocab_size=len(tokenizer))), 5).save_pretrained(raw)
    tokenizer.save_pretrained(raw)
    body = Transformer(str(raw), max_seq_length=24)
    dense = seed(Dense(WIDTH, 24, activation_function=torch.nn.Tanh()), 6)
    made = SentenceTransformer(
        modules=[body, Pooling(WIDTH, "mean"), dense, Normalize()],
        prompts={"query": "query: ", "passage": "passage: "},
        default_prompt_name="query",
        device="cpu",
    )
    made.save_pretrained(str(folder))
    for file in raw.iterdir():
        file.unlink()
    raw.rmdir()
    (folder / "README.md").unlink(missing_ok=True)
    made.double().tokenizer.split_special_tokens = True
    oracle, outputs = {"texts": [{"text": t} for t in TEXTS]}, {}
    for i, text in enumerate(TEXTS):
        for prompt in ["query", "passage"]:
            outputs[f"{prompt}.{i}"] = torch.tensor(made.encode(text, prompt_name=prompt))
        outputs[f"plain.{i}"] = torch.tensor(made.encode(text, prompt=""))
        oracle["texts"][i]["ids"] = made.tokenizer(text, truncation=True, max_length=24)["input_ids"]
        outputs |= pooled(made, i, text)
    finish(folder, oracle, outputs)


def pooled(made, i, text):
    """Every way of pooling, with and without the tokens of a prompt, and all of them end to end."""
    from sentence_transformers.sentence_transformer.modules import Pooling

    outputs = {}
    length = made.tokenizer("query: ")["input_ids"]
    for name, prompt in [("pooled", None), ("unprompted", len(length) - 1)]:
        features = made.tokenizer("query: " + text, truncation=True, max_length=24, return_tensors="pt")
        hidden = made[0].auto_model(**features).last_hidden_state
        for mode in Pooling.POOLING_MODES:
            pooling = Pooling(WIDTH, mode, include_prompt=prompt is None)
            given = {"token_embeddings": hidden, "attention_mask": features["attention_mask"]}
            outputs[f"{name}.{mode}.{i}"] = pooling(given | ({} if prompt is None else {"prompt_length": prompt}))["sentence_embedding"][0]
    return outputs


def store_language_model(folder, model, number, vocabulary):
    """Log-probabilities of every next token after three sequences of token ids."""
    seed(model, number).save_pretrained(folder)
    generator = torch.Generator().manual_seed(100 + number)
    sequences = [torch.randint(0, vocabulary, (1, n), generator=generator) for n in (1, 7, 24)]
    outputs = {}
    with torch.no_grad():
        model.double()
        for i, ids in enumerate(sequences):
            made = model(ids)
            outputs[f"{i}.logprobs"] = torch.log_softmax(made.logits[0], -1)
    finish(folder, {"ids": [s[0].tolist() for s in sequences]}, outputs)


VOCABULARY = 96


def decoder_settings(**more):
    return dict(
        vocab_size=VOCABULARY, hidden_size=WIDTH, intermediate_size=FEED, num_hidden_layers=LAYERS, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=LONGEST, attn_implementation="eager") | more  # fmt: skip


def make_llama(folder):
    scaling = {"rope_type": "llama3", "rope_theta": 10000.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
               "original_max_position_embeddings": 16}  # fmt: skip
    config = transformers.LlamaConfig(**decoder_settings(rope_parameters=scaling))
    store_language_model(folder, transformers.LlamaForCausalLM(config), 11, VOCABULARY)


def scaled_llama(folder, number, **scaling):
    config = transformers.LlamaConfig(**decoder_settings(rope_parameters={"rope_theta": 10000.0} | scaling))
    store_language_model(folder, transformers.LlamaForCausalLM(config), number, VOCABULARY)


def make_llama_linear(folder):
    scaled_llama(folder, 18, rope_type="linear", factor=4.0)


def make_llama_yarn(folder):
    scaled_llama(folder, 19, rope_type="yarn", factor=4.0, original_max_position_embeddings=16)


def make_llama_dynamic(folder):
    """A scaling that depends on the length of the row: for refusing it by name."""
    scaled_llama(folder, 20, rope_type="dynamic", factor=4.0)


def make_llama_biased(folder):
    config = transformers.LlamaConfig(**decoder_settings(attention_bias=True, mlp_bias=True, head_dim=12))
    store_language_model(folder, transformers.LlamaForCausalLM(config), 21, VOCABULARY)


def begin_of_text():
    """Byte pairs with a token before every text, as Llama's, and none behind."""
    made = byte_pairs()
    made.backend_tokenizer.post_processor = processors.Sequence([
        processors.ByteLevel(trim_offsets=False),
        processors.TemplateProcessing(single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>", 0)]),
    ])
    return made


def end_of_text():
    """Byte pairs with a token behind every text, as Qwen3's embedding models have them."""
    made = byte_pairs()
    made.backend_tokenizer.post_processor = processors.Sequence([
        processors.ByteLevel(trim_offsets=False),
        processors.TemplateProcessing(single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 2)]),
    ])
    return made


def make_llama_text(folder):
    tokenizer = begin_of_text()
    config = transformers.LlamaConfig(**decoder_settings(vocab_size=len(tokenizer), bos_token_id=0, eos_token_id=2))
    model = seed(transformers.LlamaForCausalLM(config), 22)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    oracle, outputs = cases(tokenizer), {}
    model.double()
    with torch.no_grad():
        for i, case in enumerate(oracle["texts"]):
            if case["ids"]:
                logits = model(input_ids=torch.tensor([case["ids"]])).logits[0]
                picked = torch.log_softmax(logits[:-1], -1).gather(-1, torch.tensor(case["ids"][1:])[:, None])[:, 0]
                outputs[f"text.{i}.logprobs"] = picked
                outputs[f"text.{i}.greedy"] = logits[:-1].argmax(-1) == torch.tensor(case["ids"][1:])
    finish(folder, oracle, outputs)


def make_qwen3_classifier(folder):
    tokenizer = byte_pairs()
    tokenizer.backend_tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    labels = {0: "bad", 1: "good"}
    config = transformers.Qwen3Config(**decoder_settings(
        vocab_size=len(tokenizer), head_dim=16, tie_word_embeddings=True, pad_token_id=1, bos_token_id=0, eos_token_id=2,
        id2label=labels, label2id={v: k for k, v in labels.items()}))  # fmt: skip
    model = seed(transformers.Qwen3ForSequenceClassification(config), 23)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    oracle, outputs = cases(tokenizer), {}
    body = model.double().base_model
    with torch.no_grad():
        for kind in ["texts", "pairs"]:
            for i, case in enumerate(oracle[kind]):
                if case["ids"]:
                    outputs[f"{kind[:-1]}.{i}.logits"] = model(**inputs_of(case, False)).logits[0]
                    if kind == "texts" and i in (0, 6, 8):
                        outputs[f"text.{i}.hidden"] = body(**inputs_of(case, False)).last_hidden_state[0]
    finish(folder, oracle, outputs)


def make_qwen3_embedding(folder):
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Normalize, Transformer
    from sentence_transformers.sentence_transformer.modules import Pooling

    raw = folder.parent / "raw-qwen3"
    tokenizer = end_of_text()
    config = transformers.Qwen3Config(**decoder_settings(
        vocab_size=len(tokenizer), head_dim=16, tie_word_embeddings=True, pad_token_id=1, bos_token_id=0, eos_token_id=2))  # fmt: skip
    seed(transformers.Qwen3Model(config), 24).save_pretrained(raw)
    tokenizer.padding_side = "left"
    tokenizer.save_pretrained(raw)
    made = SentenceTransformer(
        modules=[Transformer(str(raw), max_seq_length=32), Pooling(WIDTH, "lasttoken"), Normalize()],
        prompts={"query": "Instruct: find\nQuery:", "document": ""},
        device="cpu",
    )
    made.save_pretrained(str(folder))
    for file in raw.iterdir():
        file.unlink()
    raw.rmdir()
    (folder / "README.md").unlink(missing_ok=True)
    made.double().tokenizer.split_special_tokens = True
    oracle, outputs = {"texts": [{"text": t} for t in TEXTS]}, {}
    for i, text in enumerate(TEXTS):
        outputs[f"query.{i}"] = torch.tensor(made.encode(text, prompt_name="query"))
        outputs[f"plain.{i}"] = torch.tensor(made.encode(text, prompt=""))
        oracle["texts"][i]["ids"] = made.tokenizer(text, truncation=True, max_length=32)["input_ids"]
    finish(folder, oracle, outputs)


def make_mistral(folder):
    config = transformers.MistralConfig(**decoder_settings(sliding_window=8))
    store_language_model(folder, transformers.MistralForCausalLM(config), 12, VOCABULARY)


def make_qwen2(folder):
    config = transformers.Qwen2Config(**decoder_settings(tie_word_embeddings=True))
    store_language_model(folder, transformers.Qwen2ForCausalLM(config), 13, VOCABULARY)


def make_qwen3(folder):
    config = transformers.Qwen3Config(**decoder_settings(head_dim=16, tie_word_embeddings=True))
    store_language_model(folder, transformers.Qwen3ForCausalLM(config), 14, VOCABULARY)


def make_gpt2(folder):
    config = transformers.GPT2Config(
        bos_token_id=0, eos_token_id=1,
        vocab_size=VOCABULARY, n_embd=WIDTH, n_layer=LAYERS, n_head=HEADS, n_positions=LONGEST, n_inner=FEED, attn_implementation="eager")  # fmt: skip
    store_language_model(folder, transformers.GPT2LMHeadModel(config), 15, VOCABULARY)


def make_gemma3(folder):
    config = transformers.Gemma3TextConfig(
        **decoder_settings(head_dim=16, sliding_window=8, layer_types=["sliding_attention", "full_attention"], query_pre_attn_scalar=16))
    store_language_model(folder, transformers.Gemma3ForCausalLM(config), 16, VOCABULARY)


def make_modernbert(folder):
    tokenizer = byte_pairs()
    config = transformers.ModernBertConfig(
        vocab_size=len(tokenizer), hidden_size=WIDTH, intermediate_size=FEED, num_hidden_layers=3, num_attention_heads=HEADS,
        max_position_embeddings=LONGEST, local_attention=8, global_attn_every_n_layers=2, pad_token_id=1, bos_token_id=0,
        eos_token_id=2, cls_token_id=0, sep_token_id=2, attn_implementation="eager", num_labels=2)  # fmt: skip
    store_classifier(folder, seed(transformers.ModernBertForSequenceClassification(config), 17), tokenizer, False)


MADE = {
    "bert-classifier": make_bert,
    "distilbert-classifier": make_distilbert,
    "roberta-reranker": make_roberta,
    "xlm-roberta-reranker": make_xlm_roberta,
    "sentence-bert": make_sentence,
    "llama": make_llama,
    "llama-linear": make_llama_linear,
    "llama-yarn": make_llama_yarn,
    "llama-dynamic": make_llama_dynamic,
    "llama-biased": make_llama_biased,
    "llama-text": make_llama_text,
    "qwen3-classifier": make_qwen3_classifier,
    "qwen3-embedding": make_qwen3_embedding,
    "mistral": make_mistral,
    "qwen2": make_qwen2,
    "qwen3": make_qwen3,
    "gpt2": make_gpt2,
    "gemma3": make_gemma3,
    "modernbert-classifier": make_modernbert,
}


def main(out):
    failed = []
    for name, make in MADE.items():
        folder = out / name
        folder.mkdir(parents=True, exist_ok=True)
        try:
            make(folder)
            size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
            print(f"{name}: {size} bytes")
        except Exception:
            failed.append(name)
            traceback.print_exc()
    versions = {"torch": torch.__version__, "transformers": transformers.__version__}
    print(json.dumps(versions), "failed:", failed)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import DamagedArtifact
from service.ports import Encoder
from service.retrieval.encoder import OnnxEncoder
from service.retrieval.export import PACKAGE

TEXTS = [
    "Wireless noise-cancelling headphones",
    "Toy Story (1995). Adventure, Animation, Children",
    "headphones for running, not too dear, please",
    "",
    " ",
    "x",
    "🎧🔥",
    "🧥",
    "naïve café ☕ crème brûlée",
    "日本語のタイトル",
    "مرحبا بالعالم",
    'AT&amp;T <b>bold</b> "quoted" it\'s',
    "tab\tand\nnewline\x00nul",
    "1234567890 9.99 50%",
    "<|im_start|>system [SEP] [MASK]",
    "supercalifragilisticexpialidocious" * 5,
    "Waterproof hiking boots with ankle support, " * 40,
    "a " * 500,
]


def test_is_an_encoder(encoder: OnnxEncoder) -> None:
    port: Encoder = encoder
    assert (port.name, port.dimension) == ("all-MiniLM-L6-v2", 384)


@pytest.mark.filterwarnings("ignore")  # of torch and its companions
def test_agrees_with_sentence_transformers(encoder: OnnxEncoder) -> None:
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - seconds to import
    from transformers.utils.logging import disable_progress_bar  # noqa: PLC0415

    disable_progress_bar()
    spec = importlib.util.find_spec(PACKAGE)
    model = SentenceTransformer(str(Path(spec.origin).parent / "model"), device="cpu")
    model.max_seq_length = 128
    expected = model.encode(TEXTS, normalize_embeddings=True, show_progress_bar=False)
    agreement = np.vecdot(encoder.encode(TEXTS), expected)
    assert agreement.min() > 0.9999, dict(zip(TEXTS, agreement, strict=True))


def test_vectors_are_finite_units_of_float32(encoder: OnnxEncoder) -> None:
    vectors = encoder.encode(TEXTS)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(TEXTS), 384)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, rtol=1e-5)


def test_a_text_has_one_vector_whatever_stands_beside_it(encoder: OnnxEncoder) -> None:
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    np.testing.assert_array_equal(encoder.encode(TEXTS), alone)
    np.testing.assert_array_equal(encoder.encode(TEXTS[::-1] * 5)[-len(TEXTS) :], alone[::-1])


def test_threads_do_not_change_a_vector(encoder: OnnxEncoder, encoder_folder: Path) -> None:
    np.testing.assert_array_equal(
        OnnxEncoder(encoder_folder, threads=2).encode(TEXTS), encoder.encode(TEXTS)
    )


@settings(deadline=None, max_examples=30)
@given(st.text(alphabet=st.characters(), max_size=40))  # surrogates included
def test_any_text_has_a_unit_vector(encoder: OnnxEncoder, text: str) -> None:
    assert np.linalg.norm(encoder.encode([text])[0]) == pytest.approx(1.0, rel=1e-5)


def test_surrogates(encoder: OnnxEncoder) -> None:
    paired, whole, lone, without = encoder.encode(["go \ud83c\udfa7", "go 🎧", "hat \ud83c", "hat"])
    np.testing.assert_array_equal(paired, whole)
    np.testing.assert_array_equal(lone, without)


def test_what_comes_after_128_tokens_is_not_read(encoder: OnnxEncoder) -> None:
    first, second = encoder.encode(["hat " * 126 + "glove", "hat " * 126 + "pan"])
    np.testing.assert_array_equal(first, second)


def test_progress_counts_every_text(encoder: OnnxEncoder) -> None:
    heard: list[int] = []
    encoder.encode(TEXTS, progress=heard.append)
    assert heard == sorted(set(heard))
    assert heard[-1] == len(TEXTS)


def test_no_texts_have_no_vectors(encoder: OnnxEncoder) -> None:
    assert encoder.encode([]).shape == (0, 384)


@pytest.fixture
def copied(encoder_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(encoder_folder, tmp_path / "encoder"))


@pytest.mark.parametrize("file", ["model.onnx", "tokenizer.json", "manifest.json"])
def test_a_missing_or_altered_file_is_refused(copied: Path, file: str) -> None:
    path = copied / file
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(DamagedArtifact) as altered:
        OnnxEncoder(copied)
    assert "Delete the folder" in altered.value.hint
    path.unlink()
    with pytest.raises(DamagedArtifact):
        OnnxEncoder(copied)


@pytest.mark.parametrize("text", ["{}", "[]", '{"name": "x"}', "null", "\xff"])
def test_a_manifest_of_something_else_is_refused(copied: Path, text: str) -> None:
    (copied / "manifest.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(DamagedArtifact):
        OnnxEncoder(copied)

"""What the runtime computes of a vibration, by the same formulas (scipy's spectra, envelope, band-limited resampling)."""

import numpy as np
from scipy import signal

CROSSINGS, PASSBAND, SEGMENT = 24, 0.9, 1024


def fewer_samples(x: np.ndarray, factor: int) -> np.ndarray:
    """Every `factor`-th point of windows `x` [rows, samples], filtered as the grid `band_limited` filters."""
    if factor == 1:
        return x
    cutoff = PASSBAND / factor
    half = int(np.ceil(CROSSINGS / cutoff))
    i = np.arange(-half + 1, half)
    kernel = np.sinc(cutoff * i) * (0.5 + 0.5 * np.cos(np.pi * i / half))
    # At the ends the weights that meet samples sum to 1.
    weights = np.convolve(np.ones(x.shape[1]), kernel, "same")
    return np.stack([(np.convolve(row, kernel, "same") / weights)[::factor] for row in x])


def band_power(x: np.ndarray, rate: float, low: float, high: float) -> np.ndarray:
    f, density = signal.welch(x, rate, nperseg=SEGMENT)
    return density[:, (f >= low) & (f < high)].sum(1) * f[1]


def envelope_spectrum(x: np.ndarray, rate: float, low: float, high: float) -> tuple[np.ndarray, float]:
    """Amplitudes of the envelope of what lies in the band, and the step of their frequencies."""
    count = x.shape[1]
    size = 2 ** int(np.ceil(np.log2(count)))
    spectrum = np.fft.fft(x - x.mean(1, keepdims=True), size)
    f = np.fft.fftfreq(size, 1 / rate)
    analytic = np.fft.ifft(np.where((f >= low) & (f < high) & (f > 0), 2 * spectrum, 0))
    envelope = np.abs(analytic[:, :count])
    hann = signal.get_window("hann", count)
    centred = (envelope - envelope.mean(1, keepdims=True)) * hann
    return 2 * np.abs(np.fft.rfft(centred, size)) / hann.sum(), rate / size


def prominence(
    amplitude: np.ndarray, step: float, line: float, shaft: float, tolerance: float = 0.02, orders: float = 20
) -> np.ndarray:
    """Highest amplitude about a line over the mean up to `orders` turns of the shaft; frequencies in Hz."""
    bins = np.arange(amplitude.shape[1])
    near = np.abs(bins * step - line) <= tolerance * line
    near[round(line / step)] = True
    return amplitude[:, near].max(1) / amplitude[:, 1 : int(orders * shaft / step)].mean(1)

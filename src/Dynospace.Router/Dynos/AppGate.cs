namespace Dynospace.Router.Dynos;

/// <summary>Counts an app's requests in flight; outlives every snapshot.</summary>
internal sealed class AppGate
{
    private int _inFlight;

    /// <summary>Whether one more is within the limit; if so it counts until <see cref="Leave"/>.</summary>
    public bool TryEnter(int limit)
    {
        if (Interlocked.Increment(ref _inFlight) <= limit)
        {
            return true;
        }

        Interlocked.Decrement(ref _inFlight);
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _inFlight);
}

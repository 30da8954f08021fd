namespace Dynospace.Cli.Platform;

/// <summary>How an object fares, at a glance.</summary>
internal enum Health
{
    /// <summary>As wished.</summary>
    Good,

    /// <summary>On its way, or not looked at yet.</summary>
    Working,

    /// <summary>Waits for somebody to change something.</summary>
    Bad,
}

namespace Dynospace.Planning.Isolation;

/// <summary>The ports on which a target listens, all of them.</summary>
public static class CanaryPorts
{
    /// <summary>The policies let the probe out to it and into the target.</summary>
    public const int Open = 7001;

    /// <summary>The policies let the probe out to it and not into the target.</summary>
    public const int ShutAtTarget = 7002;

    /// <summary>The policies let the probe into the target and not out to it.</summary>
    public const int ShutAtProbe = 7003;
}

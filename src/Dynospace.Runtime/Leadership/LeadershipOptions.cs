namespace Dynospace.Runtime.Leadership;

/// <summary>Where the lease is and how long it lasts.</summary>
public sealed record LeadershipOptions
{
    /// <summary>The lease's namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The lease's name.</summary>
    public required string Name { get; init; }

    /// <summary>This process, unlike any other; a pod's name is fine.</summary>
    public required string Identity { get; init; }

    /// <summary>After this without renewal another process may take over.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>After this without renewal this process stops leading; below the lease's duration, or two would lead.</summary>
    public TimeSpan RenewDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The pause between tries.</summary>
    public TimeSpan RetryPeriod { get; init; } = TimeSpan.FromSeconds(2);
}

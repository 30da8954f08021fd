namespace Dynospace.Router.Requests;

/// <summary>What the router knows of a request before any dyno does.</summary>
internal sealed class RequestFacts
{
    public required string Host { get; init; }

    public required string Path { get; init; }

    public required string RequestId { get; init; }

    /// <summary>The client's own X-Forwarded-For with its address on the right.</summary>
    public required string ForwardedFor { get; init; }

    public required string Port { get; init; }

    public required bool IsTls { get; init; }

    public required long StartedUnixMilliseconds { get; init; }

    public required Func<bool> IsDraining { get; init; }
}

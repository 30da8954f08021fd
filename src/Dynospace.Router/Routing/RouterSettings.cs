using Dynospace.Api.Spaces;

namespace Dynospace.Router.Routing;

/// <summary>What a space's router does differently from another's. The defaults are the platform's.</summary>
public sealed record RouterSettings
{
    /// <summary>
    /// Common: retry on other dynos, quarantine and a concurrency limit; Private and Shield: none of these.
    /// </summary>
    public SpaceRuntime Runtime { get; init; } = SpaceRuntime.Common;

    /// <summary>From the end of the request to the first byte of the response (H12).</summary>
    public TimeSpan FirstByteTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Any byte either way restarts it (H15, H28).</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(55);

    /// <summary>For one connection to a dyno (H19).</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a dyno that refused a connection gets no requests.</summary>
    public TimeSpan QuarantineTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a request waits when every dyno is quarantined (H99).</summary>
    public TimeSpan QuarantineWait { get; init; } = TimeSpan.FromSeconds(75);

    /// <summary>Dynos that a request tries to connect to.</summary>
    public int ConnectAttempts { get; init; } = 10;

    /// <summary>Requests in flight per web dyno of an app (H11).</summary>
    public int ConcurrencyPerDyno { get; init; } = 200;

    /// <summary>Whether the Common Runtime's retries, quarantine and limit apply.</summary>
    public bool IsCommon => Runtime == SpaceRuntime.Common;
}

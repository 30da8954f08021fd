using Dynospace.Api.Spaces;

namespace Dynospace.Router.Routing;

/// <summary>How a space's router serves requests. The defaults are the platform's.</summary>
public sealed record RouterSettings
{
    /// <summary>
    /// Common: retry on other dynos, quarantine and a concurrency limit; Private and Shield: none of these.
    /// </summary>
    public SpaceRuntime Runtime { get; init; } = SpaceRuntime.Common;

    /// <summary>From the end of the request to the first byte of the response (H12).</summary>
    public TimeSpan FirstByteTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Between two bytes in either direction (H15, H28).</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(55);

    /// <summary>For connecting to a dyno (H19).</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a dyno that refused a connection gets no requests.</summary>
    public TimeSpan QuarantineTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a request waits if every dyno is quarantined (H99) or the app boots (H20).</summary>
    public TimeSpan QuarantineWait { get; init; } = TimeSpan.FromSeconds(75);

    /// <summary>How many dynos a request tries to connect to.</summary>
    public int ConnectAttempts { get; init; } = 10;

    /// <summary>Requests in flight for each web dyno of an app; further ones are refused (H11).</summary>
    public int ConcurrencyPerDyno { get; init; } = 200;

    /// <summary>Whether the Common Runtime's retries, quarantine and limit apply.</summary>
    public bool IsCommon => Runtime == SpaceRuntime.Common;
}

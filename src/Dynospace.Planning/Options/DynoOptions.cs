using Dynospace.Api;
using Dynospace.Planning.Sizes;

namespace Dynospace.Planning.Options;

/// <summary>How dynos run.</summary>
public sealed record DynoOptions
{
    private static readonly TimeSpan LongestMinimumUpTime = TimeSpan.FromHours(1);

    private static readonly string[] PullPolicies = ["Always", "IfNotPresent", "Never"];

    /// <summary>The platform-wide <c>$PORT</c>, TCP. Default 5000.</summary>
    public int Port { get; init; } = SpaceDefaults.Port;

    /// <summary>
    /// When the node pulls images. Default <c>Always</c>, since otherwise a dyno could run another tenant's private
    /// image that its node has cached.
    /// </summary>
    public string ImagePullPolicy { get; init; } = "Always";

    /// <summary>
    /// The user id of every process, regardless of its image, so that images that name no user or root start as well.
    /// Null leaves it to the image, which then must name a user by number. Default 1000.
    /// </summary>
    public long? RunAsUser { get; init; } = 1000;

    /// <summary>How long a web dyno may take to bind its port (the platform's R10). Default 60 seconds.</summary>
    public TimeSpan BootTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How long a process without a readiness probe, that is of every type except web, must run to count as up. Default
    /// 10 seconds. With 0, a release that crashes at once would count as up and roll out to all dynos.
    /// </summary>
    public TimeSpan MinimumUpTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The time between SIGTERM and SIGKILL (the platform's R12). Default 30 seconds.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The age at which a dyno of a formation is replaced, after its successor is ready; null for never, the default.
    /// </summary>
    public TimeSpan? CycleAfter { get; init; }

    /// <summary>
    /// Sizes that replace those of the platform's table by name, or are added to it; by name <c>LIMIT/REQUEST/CPU</c>
    /// with an optional <c>/DISK</c>.
    /// </summary>
    public IReadOnlyDictionary<string, string> OwnSizes
    {
        get;
        init => (field, Sizes) = (value, DynoSizeTable.FromOption(value));
    } = new Dictionary<string, string>();

    /// <summary>The sizes that dynos may have.</summary>
    public DynoSizeTable Sizes { get; private init; } = DynoSizeTable.Platform;

    /// <summary>
    /// The image of the recorder for runs in Shield spaces that take input; null for none, so that runs take no input.
    /// Default this version's gate image, which contains the same program.
    /// </summary>
    public string? RecorderImage { get; init; } = EgressOptions.DefaultGateImage;

    /// <summary>The shortest <see cref="CycleAfter"/>.</summary>
    public static TimeSpan ShortestCycle { get; } = TimeSpan.FromHours(1);

    internal IEnumerable<string> Validate()
    {
        if (CycleAfter < ShortestCycle)
        {
            yield return $"cycleDynosAfter {CycleAfter} is too short: use at least an hour, such as 24h, or never.";
        }

        foreach (var mistake in DynoSizeTable.Mistakes(OwnSizes)
            .Concat(OptionChecks.Port("port", Port))
            .Concat(OptionChecks.AtLeastOneSecond("bootTimeout", BootTimeout))
            .Concat(OptionChecks.AtLeastOneSecond("shutdownTimeout", ShutdownTimeout)))
        {
            yield return mistake;
        }

        if (!PullPolicies.Contains(ImagePullPolicy))
        {
            yield return $"imagePullPolicy \"{ImagePullPolicy}\" is not known: use one of "
                + $"{string.Join(", ", PullPolicies)}.";
        }

        if (MinimumUpTime < TimeSpan.Zero || MinimumUpTime > LongestMinimumUpTime)
        {
            yield return $"minimumUpSeconds {MinimumUpTime.TotalSeconds} is not between 0 and "
                + $"{LongestMinimumUpTime.TotalSeconds}.";
        }

        if (RunAsUser is <= 0)
        {
            yield return $"runAsUser {RunAsUser} is root or not a user: use a number from 1, or leave it to the image.";
        }
    }
}

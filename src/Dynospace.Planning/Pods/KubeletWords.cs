namespace Dynospace.Planning.Pods;

/// <summary>The kubelet's reasons why a container does not run.</summary>
public static class KubeletWords
{
    private const int LongestMessage = 300;

    /// <summary>Reasons of an image that cannot be pulled. The kubelet alternates between two of them.</summary>
    private static readonly string[] ImageReasons =
        [
            "ErrImagePull",
            "ImagePullBackOff",
            "InvalidImageName",
            "ErrImageNeverPull",
            "RegistryUnavailable",
            "ImageInspectError",
        ];

    private static readonly string[] ConfigReasons =
    [
        "CreateContainerConfigError",
        "CreateContainerError",
        "RunContainerError",
    ];

    /// <summary>Whether a container waits because its image cannot be pulled or used.</summary>
    public static bool IsOfImage(string waitingReason) => ImageReasons.Contains(waitingReason);

    /// <summary>Whether a container waits because its configuration is wrong or refers to a missing object.</summary>
    public static bool IsOfConfig(string waitingReason) => ConfigReasons.Contains(waitingReason);

    /// <summary>The kubelet's or scheduler's message, shortened for readers.</summary>
    public static string Shortened(string? message) => message switch
    {
        null => "no reason was given.",
        { Length: <= LongestMessage } => message,
        _ => string.Concat(message.AsSpan(0, LongestMessage), "…"),
    };
}

using Dynospace.Api.Apps;

namespace Dynospace.EndToEnd.Tests.Clusters;

/// <summary>
/// For nodes that run pods, with an image that holds busybox and a user other than root. The shell is the first process
/// of its container, to which SIGTERM does nothing unless it is trapped.
/// </summary>
internal sealed class ShellWorkloads(string image, string? otherImage) : IWorkloads
{
    private const string Serve =
        "if [ -n \"$PORT\" ]; then mkdir -p /tmp/www; echo \"dyno: $DYNO $GREETING\" > /tmp/www/index.html; busybox "
        + "httpd -p \"$PORT\" -h /tmp/www; fi; ";
    private const string Wait = "while true; do busybox sleep 1 & wait $!; done";

    public Workload Runs => Shell(image, $"trap 'exit 0' TERM; {Serve}{Wait}");

    public Workload? RunsToo => otherImage is null ? null : Shell(otherImage, $"trap 'exit 0' TERM; {Serve}{Wait}");

    public Workload Stubborn => Shell(image, $"trap '' TERM; {Serve}{Wait}");

    public Workload Missing => new("registry.invalid/none:1", "none");

    public Workload Serves(int? shellPort, params (string Protocol, int Number)[] ports)
    {
        var shell = shellPort is { } port ? $"busybox tcpsvd -E 0.0.0.0 {port} busybox sh & " : "";
        return Shell(
            image,
            $"trap 'exit 0' TERM; "
            + $"{shell}{string.Concat(ports.Select(port => Listen(port.Protocol, port.Number)))}{Wait}");
    }

    public Workload Exits(int code) => Shell(image, $"exit {code}");

    /// <summary>To UDP the answer is the datagram itself.</summary>
    private static string Listen(string protocol, int port) => protocol == "UDP"
        ? $"busybox udpsvd -E 0.0.0.0 {port} busybox dd bs=2048 count=1 2>/dev/null & "
        : $"busybox tcpsvd -E 0.0.0.0 {port} busybox echo here & ";

    /// <summary>Of the smallest size, since many tests share a small node.</summary>
    private static Workload Shell(string image, string script) =>
        new(image, "busybox", "sh", "-c", script) { Size = DynoSizes.Basic };
}

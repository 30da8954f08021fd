using System.Globalization;

namespace Dynospace.Planning.Isolation;

/// <summary>
/// What canaries run, in the words that every busybox knows. An answer counts, not a connection: something on the way may accept
/// connections for others.
/// </summary>
internal static class CanaryScripts
{
    /// <summary>The folder that the target serves.</summary>
    public const string Folder = "/canary";

    /// <summary>Variable: what the target answers, which no other pod does.</summary>
    public const string Answer = "ANSWER";

    /// <summary>Variable of the probe: the target's address as it stands in a URL.</summary>
    public const string TargetHost = "TARGET";

    /// <summary>Exit code of the probe: what must not pass was seen not to pass, and what must pass to pass.</summary>
    public const int Enforced = 0;

    /// <summary>Exit code: the port that the target's side must shut answered to the last.</summary>
    public const int EntersTarget = 11;

    /// <summary>Exit code: the port that the probe's side must shut answered to the last.</summary>
    public const int LeavesProbe = 12;

    /// <summary>Exit code: both.</summary>
    public const int EntersAndLeaves = 13;

    /// <summary>Exit code: what must pass did not.</summary>
    public const int NothingPasses = 20;

    private static readonly string Open = Number(CanaryPorts.Open);
    private static readonly string ShutAtTarget = Number(CanaryPorts.ShutAtTarget);
    private static readonly string ShutAtProbe = Number(CanaryPorts.ShutAtProbe);

    /// <summary>Answers on all ports, without a moment in which one does not listen.</summary>
    public static string Target { get; } =
        $"echo \"${Answer}\" > {Folder}/index.html && busybox httpd -p {Open} -h {Folder} && busybox httpd -p {ShutAtTarget} -h {Folder} "
        + $"&& exec busybox httpd -f -p {ShutAtProbe} -h {Folder}";

    /// <summary>Whether all ports answer, asked inside the target: a port on which nobody listens would look shut.</summary>
    public static string Listens { get; } =
        $"for port in {Open} {ShutAtTarget} {ShutAtProbe}; do "
        + "busybox timeout 2 busybox wget -q -O /dev/null http://127.0.0.1:$port/ || exit 1; done";

    /// <summary>
    /// Policies come into force some time after a pod starts, so each port gets twenty tries to become what it must be. What is shut must
    /// be so twice in a row, and the open port must answer at the end too, or the silence of a target that died would count.
    /// </summary>
    public static string Probe { get; } = $$"""
        answers() { [ "$(busybox timeout 2 busybox wget -q -O - "http://${{TargetHost}}:$1/" 2>/dev/null)" = "${{Answer}}" ]; }
        left=20
        again() { left=$((left - 1)); [ $left -gt 0 ] && busybox sleep 1; }
        until answers {{Open}}; do again || exit {{NothingPasses}}; done
        shut=0
        while [ $shut -lt 2 ]; do
          open=0
          answers {{ShutAtTarget}} && open=$((open + 1))
          answers {{ShutAtProbe}} && open=$((open + 2))
          if [ $open = 0 ]; then shut=$((shut + 1)); else shut=0; again || exit $(({{EntersTarget - 1}} + open)); fi
        done
        until answers {{Open}}; do again || exit {{NothingPasses}}; done
        """.ReplaceLineEndings("\n") + "\n";

    private static string Number(int port) => port.ToString(CultureInfo.InvariantCulture);
}

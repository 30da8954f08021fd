using System.Globalization;
using System.Text;
using Dynospace.Reachability;

namespace Dynospace.EndToEnd.Tests.Isolation;

/// <summary>
/// One script for all connections that one end tries: all at once, each within seconds. TCP has got through when the
/// connection is open, UDP when a datagram is answered; a query for a name is what both a DNS server and an echo
/// answer. That no such name exists is an answer too.
/// </summary>
internal static class DialScript
{
    private const string Functions = """
        tcp() { busybox timeout 10 busybox nc -w 3 "$2" "$3" </dev/null >/dev/null 2>&1; s=$?; if [ $s = 0 ] || [ $s = 143 ]; then echo "$1 yes"; else echo "$1 no"; fi; }
        udp() { case $2 in *:*) a="[$2]:$3";; *) a="$2:$3";; esac
          o=$(busybox nslookup -type=a -timeout=2 -retry=2 matrix.invalid. "$a" 2>&1)
          case $o in *"server can't find"*) echo "$1 yes";; ""|*"timed out"*|*refused*|*unreachable*|*"can't"*|*"bad address"*) echo "$1 no";; *) echo "$1 yes";; esac; }

        """;

    private const int Oneself = -1;

    /// <summary>
    /// The script; <paramref name="ownPort"/> is a TCP port on which the end itself listens, to know that it can dial
    /// at all.
    /// </summary>
    public static string For(IReadOnlyList<(string Address, TransportPort Port)> targets, int? ownPort, TimeSpan pause)
    {
        var script = new StringBuilder(Functions);
        script.Append(CultureInfo.InvariantCulture, $"busybox sleep {pause.TotalSeconds:0}\n");
        if (ownPort is { } port)
        {
            Append(script, Oneself, "127.0.0.1", TransportPort.Tcp(port));
        }

        for (var i = 0; i < targets.Count; i++)
        {
            Append(script, i, targets[i].Address, targets[i].Port);
        }

        return script.Append("wait\n").ToString();
    }

    /// <summary>Which of the targets answered, in their order.</summary>
    public static bool[] Outcomes(string output, int count, bool dialsItself)
    {
        var answers = output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' '))
            .ToDictionary(words => int.Parse(words[0], CultureInfo.InvariantCulture), words => words[1] == "yes");
        return answers.Count != count + (dialsItself ? 1 : 0) || (dialsItself && !answers[Oneself])
            ? throw new InvalidOperationException($"It cannot dial: of {count} attempts it tells\n{output}")
            : [.. Enumerable.Range(0, count).Select(i => answers[i])];
    }

    private static void Append(StringBuilder script, int index, string address, TransportPort port) => script.Append(
        CultureInfo.InvariantCulture,
        $"{(port.Protocol == TransportProtocol.Udp ? "udp" : "tcp")} {index} {address} {port.Number} &\n");
}

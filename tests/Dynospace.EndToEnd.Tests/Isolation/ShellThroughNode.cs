namespace Dynospace.EndToEnd.Tests.Isolation;

/// <summary>
/// In a pod that nobody may execute anything in, as in a Shield space: its own node hands it the script.
/// </summary>
internal sealed record ShellThroughNode(PodShell Node, string Address) : IShell
{
    private const string End = "END_OF_SCRIPT";

    public bool Listens => true;

    public Task<string> RunAsync(string script, CancellationToken cancellationToken) =>
        Node.RunAsync(
            $"busybox nc -w 60 {Address} {MatrixWorld.ShellPort} <<'{End}'\n{script}\nexit\n{End}\n",
            cancellationToken);

    public override string ToString() => $"the pod at {Address}, by {Node}";
}

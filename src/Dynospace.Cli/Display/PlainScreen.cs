namespace Dynospace.Cli.Display;

/// <summary>A line for each change: for logs, pipes and people who prefer it.</summary>
internal sealed class PlainScreen : IScreen
{
    private readonly TextWriter _output;
    private readonly TimeProvider _clock;
    private readonly ChangeLog _changes = new();
    private IReadOnlyList<string> _waiting = [];

    public PlainScreen(TextWriter output, Place place, TimeProvider clock)
    {
        _output = output;
        _clock = clock;
        output.WriteLine($"Kubernetes API server at {place.Address.ToString().TrimEnd('/')}, in memory. {DevTexts.Simulated}");
        output.WriteLine($"The operator's log: {place.LogFile}. To try it, in another terminal:");
        foreach (var step in DevTexts.NextSteps(place))
        {
            output.WriteLine($"  {step}");
        }
    }

    public void Show(Frame frame)
    {
        foreach (var line in frame.Waiting.Except(_waiting).Concat(_changes.Update(frame.Tree)))
        {
            _output.WriteLine($"{_clock.GetLocalNow():HH:mm:ss} {line.ReplaceLineEndings(" ")}");
        }

        _waiting = frame.Waiting;
    }

    public void Dispose() => _output.Flush();
}

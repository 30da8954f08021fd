namespace Dynospace.Cli.Display;

/// <summary>A line for each change: for logs, pipes and people who prefer it.</summary>
internal sealed class PlainScreen : IScreen
{
    private readonly TextWriter _output;
    private readonly TimeProvider _clock;
    private readonly ChangeLog _changes = new();
    private IReadOnlyList<string> _waiting = [];
    private IReadOnlyList<string> _web = [];

    public PlainScreen(TextWriter output, Place place, TimeProvider clock)
    {
        _output = output;
        _clock = clock;
        output.WriteLine($"Kubernetes API server at {place.Address.ToString().TrimEnd('/')}, in memory. {DevTexts.Simulated}");
        output.WriteLine($"Logs: {place.LogFile} of the operator, {place.RouterLogFile} of requests. To try it, in another terminal:");
        foreach (var step in DevTexts.NextSteps(place))
        {
            output.WriteLine($"  {step}");
        }
    }

    public void Show(Frame frame)
    {
        List<string> web = [.. frame.Web.Routers.Select(router => router.ToString()), .. frame.Web.Targets.Select(target => target.ToString())];
        foreach (var line in frame.Waiting.Except(_waiting).Concat(_changes.Update(frame.Tree)).Concat(web.Except(_web)))
        {
            _output.WriteLine($"{_clock.GetLocalNow():HH:mm:ss} {line.ReplaceLineEndings(" ")}");
        }

        _waiting = frame.Waiting;
        _web = web;
    }

    public void Dispose() => _output.Flush();
}

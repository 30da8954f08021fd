namespace Dynospace.Cli.Display;

/// <summary>Shows what happens until it is disposed.</summary>
internal interface IScreen : IDisposable
{
    void Show(Frame frame);
}

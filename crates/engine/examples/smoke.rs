use ggweb_engine::*;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    pollster::block_on(async {
        let opt = DeviceOptions { tier: args.get(2).map_or(Tier::Auto, |t| t.parse().unwrap()), params: args.get(3).map_or(ParamsChoice::Auto, |t| t.parse().unwrap()), ..Default::default() };
        let device = Device::open(&opt).await.unwrap();
        println!("{} tier {} params {}", device.adapter(), device.caps().tier(), device.caps().params());
        let file = std::fs::read(&args[1]).unwrap();
        let c = Clock::start();
        let mut l = Loader::new(device, LoadOptions::default(), Some(file.len() as u64));
        for p in file.chunks(1 << 20) { l.push(p.to_vec().into()).await.unwrap(); }
        let mut m = l.finish().await.unwrap();
        println!("load {} ms, {:?}", c.elapsed_ms(), m.info());
        let g = GenerateOptions { n_predict: 40, sampler: SamplerOptions { temperature: 0.0, ..Default::default() }, ..Default::default() };
        let p = if m.tokenizer().is_some() { Prompt::Text("Once upon a time".into()) } else { Prompt::Tokens(vec![1,85,736,201,59,292]) };
        let r = m.generate(&p, &g, &Abort::new(), &mut |_, _| {}).await.unwrap();
        println!("{:?}\n{:?} {} {:?}\n{:?}", r.prompt_tokens, r.tokens, r.text, r.stop_reason, r.timings);
        if args.get(4).is_some() {
        let b = m.bench((128, 16, 3), None, &Abort::new()).await.unwrap();
        println!("{b:?}"); }
    });
}
